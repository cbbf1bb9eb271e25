// What a comparison asks of the API.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type CurvesQuery, findExaminations, getVerdict, listRuns } from "../../api/client";

/** The runs that are still there, in the order of `ids`. Asked for again when the stream speaks of any run. */
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

/** The measurements of their layers' responses, the newest first. Asked for again when the stream speaks of any. */
export const measuredQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ["examinations", "responses", ids],
    queryFn: () => findExaminations([...ids], "responses"),
  });

/** The same question once more, answered as a mean for all runs that differ in their seed only. */
export const meansOf = (asked: CurvesQuery): CurvesQuery => ({ ...asked, group_by: "spec" });

/** What the paper prints of a run's network, and what is concluded beside it. */
export type Judged = { theirs: string; outcome: string; sentence: string };

/** null where the paper has no error of its network. Asked for of runs that have ended, so that it stays as it is. */
export const verdictQuery = (id: string) =>
  queryOptions({
    queryKey: ["verdict", id],
    queryFn: async (): Promise<Judged | null> => {
      const { cells } = await getVerdict(id);
      const cell = cells.find(({ verdict }) => verdict !== null);
      if (!cell?.verdict) return null;
      return { theirs: cell.theirs, outcome: cell.verdict.outcome, sentence: cell.verdict.sentence };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
