// What the signed-in person may not do, and why. The service decides it: no page knows a rule of its own.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { answerOf, http } from "./http";
import type { components } from "./schema.gen";

export type Rights = components["schemas"]["Rights"];
type Verb = "submit" | "change" | "manage" | "own" | "administer";
/** A run, study or data set; without an owner, something new in the project. */
type Row = { project: string | null; owner?: string | null };

/** "lab/ann" for what is ann's in the project lab; each once, in order, so that equal rows share a query. */
export const rowsOf = (rows: readonly Row[]): string[] =>
  [...new Set(rows.map(({ project, owner }) => `${project ?? ""}${owner ? `/${owner}` : ""}`))].sort();

const rightsQuery = (row: string[]) =>
  queryOptions({
    queryKey: ["rights", row],
    queryFn: () => answerOf(http.GET("/api/v1/rights", { params: { query: { row } } })),
    staleTime: 60_000,
  });

/** Of all these rows together, and without rows of the service; undefined until the service has answered. */
export const useRights = (rows: readonly Row[] = []): Rights | undefined =>
  useQuery(rightsQuery(rowsOf(rows))).data;

/** Why the person may not do this to every one of these rows; undefined where they may, or nobody knows yet. */
export const useRefusal = (verb: Verb, rows: readonly Row[] = []): string | undefined =>
  useRights(rows)?.refusals[verb];
