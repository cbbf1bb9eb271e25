// What is asked of the API about examinations.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { createExamination, type ExaminationRequest, getExamination, listExaminations } from "../api/client";

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
