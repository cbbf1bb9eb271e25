// The queries of a comparison.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { findExaminations } from "../../api/examinations";
import { getVerdict, listRuns } from "../../api/runs";
import type { CurvesQuery } from "../../api/types";
import { pluralize } from "../../units";

/** The existing runs in the order of `ids`, fetched again when the stream reports a change of any run. */
export const comparedQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ["runs", "compared", ids],
    queryFn: async () => {
      const { items } = await listRuns({ id: [...ids], limit: Math.max(ids.length, 1) });
      return ids.flatMap((id) => items.find((run) => run.id === id) ?? []);
    },
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  });

/** Measurements of the runs' layer responses, the newest first, fetched again when the stream reports a change. */
export const measuredQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ["examinations", "responses", ids],
    queryFn: () => findExaminations([...ids], "responses"),
  });

/** The same query for means over all runs that differ only in their seed. */
export const meansOf = (query: CurvesQuery): CurvesQuery => ({ ...query, group_by: "spec" });

/** The paper's number for a run's network, and the verdict on the run. Of an import, `outcome` says on how many imported seeds it rests: how many there were, nobody knows. */
export type RunVerdict = { theirs: string; outcome: string; sentence: string };

/** null where the paper has no error for the network. Only for runs that have ended. */
export const verdictQuery = (id: string) =>
  queryOptions({
    queryKey: ["verdict", id],
    queryFn: async (): Promise<RunVerdict | null> => {
      const { cells, runs, seeds } = await getVerdict(id);
      const cell = cells.find(({ verdict }) => verdict !== null);
      if (!cell?.verdict) return null;
      const { outcome, sentence } = cell.verdict;
      const { theirs } = cell;
      if (seeds === null) return { theirs, outcome, sentence };
      const counted = `${pluralize(runs.length, "imported seed")}, of an unknown number`;
      return { theirs, outcome: `${outcome} (${counted})`, sentence: `${sentence} ${seeds}` };
    },
  });
