// How an address's query is read and written: a list is its values, each under its name, as the API has it: ?run=A&run=B.
import { stringifySearchWith } from "@tanstack/react-router";

const single = stringifySearchWith(JSON.stringify, JSON.parse);

/** "" where there is nothing to write, otherwise with its "?". */
export function writeSearch(search: Record<string, unknown>): string {
  const entries = Object.entries(search);
  const lists = entries.flatMap(([name, values]) =>
    Array.isArray(values) ? values.map((value) => [name, String(value)]) : [],
  );
  const query = [
    single(Object.fromEntries(entries.filter(([, value]) => !Array.isArray(value)))).slice(1),
    new URLSearchParams(lists).toString(),
  ];
  const written = query.filter(Boolean).join("&");
  return written && `?${written}`;
}

type Query = Record<string, unknown>;

/** A page's reader of its query, and nothing beside it: what a reader leaves out the router would hand on as it came. */
export const only =
  <Read extends object>(read: (query: Query) => Read) =>
  (query: Query): Read => ({
    ...Object.fromEntries(Object.keys(query).map((name) => [name, undefined])),
    ...read(query),
  });
