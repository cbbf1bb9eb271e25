// What is asked of the API about examinations.
import { keepPreviousData, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  createExamination,
  type ExaminationRequest,
  getExamination,
  listExaminations,
  listRuns,
  type Run,
} from "../api/client";
import { datasetsQuery } from "../api/queries";

/** Those of a run, without reports. Asked for again when the stream speaks of any. */
export const examinationsQuery = (run: string) =>
  queryOptions({ queryKey: ["examinations", "of", run], queryFn: () => listExaminations(run) });

/** One with its report: what was found stays as it is. */
export const examinationQuery = (id: string) =>
  queryOptions({
    queryKey: ["examination", id],
    queryFn: () => getExamination(id),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Asks something of a run's weights; the list then has it. */
export function useAsking(run: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: ExaminationRequest) => createExamination(run, request),
    onSettled: () => queries.invalidateQueries({ queryKey: ["examinations"] }),
  });
}

/** Since when the data set's name stands for its images; undefined of one that comes with the service. */
export const useRegisteredAt = ({ spec: { dataset } }: Run): string | undefined =>
  useQuery(datasetsQuery).data?.items.find(({ name }) => name === dataset)?.created_at ?? undefined;

// Enough to choose from; who looks for another one types more.
const MOST_OFFERED = 20;

/** Which other runs may be one ensemble with this one: of the same images and classes, seen in the same way. */
export const companionsQuery = ({ id, spec: { dataset, family } }: Run, text: string) =>
  queryOptions({
    queryKey: ["runs", "beside", id, text],
    queryFn: async () => {
      const asked = { dataset: [dataset], status: ["succeeded" as const], limit: MOST_OFFERED + 1 };
      const { items } = await listRuns({ ...asked, ...(text && { text }) });
      return items.filter((run) => run.id !== id && run.spec.family === family);
    },
    placeholderData: keepPreviousData,
  });

// The API's longest page.
const MOST_NAMED = 200;

/** These runs, as far as they are still there, to be called by their names. */
export const namedQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ["runs", "named", ids],
    queryFn: async () => (await listRuns({ id: ids.slice(0, MOST_NAMED), limit: MOST_NAMED })).items,
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  });
