// The queries and mutations of examinations.
import { keepPreviousData, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createExamination, getExamination, listExaminations } from "../api/examinations";
import { datasetsQuery } from "../api/queries";
import { listRuns } from "../api/runs";
import type { ExaminationRequest, Run } from "../api/types";

/** A run's examinations, without reports. Fetched again when the stream reports a change to any of them. */
export const examinationsQuery = (run: string) =>
  queryOptions({ queryKey: ["examinations", "of", run], queryFn: () => listExaminations(run) });

/** One examination with its report, which never changes. */
export const examinationQuery = (id: string) =>
  queryOptions({
    queryKey: ["examination", id],
    queryFn: () => getExamination(id),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Starts an examination of a run's weights and refreshes the lists. */
export function useStartExamination(run: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: ExaminationRequest) => createExamination(run, request),
    onSettled: () => queries.invalidateQueries({ queryKey: ["examinations"] }),
  });
}

/** When the data set was last registered; undefined for a built-in data set. */
export const useRegisteredAt = ({ spec: { dataset } }: Run): string | undefined =>
  useQuery(datasetsQuery).data?.items.find(({ name }) => name === dataset)?.created_at ?? undefined;

// Enough to choose from; typing more narrows the list.
const MOST_OFFERED = 20;

/** Runs that can join an ensemble with this run: same data set, same family. */
export const companionsQuery = ({ id, spec: { dataset, family } }: Run, text: string) =>
  queryOptions({
    queryKey: ["runs", "beside", id, text],
    queryFn: async () => {
      const filter = { dataset: [dataset], status: ["succeeded" as const], limit: MOST_OFFERED + 1 };
      const { items } = await listRuns({ ...filter, ...(text && { text }) });
      return items.filter((run) => run.id !== id && run.spec.family === family);
    },
    placeholderData: keepPreviousData,
  });

// The API's longest page.
const MOST_NAMED = 200;

/** The runs with these ids, for their names. Deleted runs are missing. */
export const runNamesQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ["runs", "named", ids],
    queryFn: async () => (await listRuns({ id: ids.slice(0, MOST_NAMED), limit: MOST_NAMED })).items,
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  });
