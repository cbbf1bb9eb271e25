// Reads and writes an address's query. A list repeats its name, as in the API: ?run=A&run=B.
import { stringifySearchWith } from "@tanstack/react-router";

const single = stringifySearchWith(JSON.stringify, JSON.parse);

/** Returns the query with its "?", or "" where it is empty. */
export function writeSearch(search: Record<string, unknown>): string {
  const entries = Object.entries(search);
  const lists = entries.flatMap(([name, values]) =>
    Array.isArray(values) ? values.map((value) => [name, String(value)]) : [],
  );
  const parts = [
    single(Object.fromEntries(entries.filter(([, value]) => !Array.isArray(value)))).slice(1),
    new URLSearchParams(lists).toString(),
  ];
  const query = parts.filter(Boolean).join("&");
  return query && `?${query}`;
}

type Query = Record<string, unknown>;

/** Drops every name that a page's reader doesn't return: the router would otherwise pass it on as it came. */
export const only =
  <Read extends object>(read: (query: Query) => Read) =>
  (query: Query): Read => ({
    ...Object.fromEntries(Object.keys(query).map((name) => [name, undefined])),
    ...read(query),
  });
