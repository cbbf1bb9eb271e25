// The queries of studies. The tab's stream invalidates the keys "studies" and "study".
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { listRuns } from "../api/runs";
import { getSigningKey, getStudy, listStandings, listStudies, planStudy } from "../api/studies";
import type { StudyRequest } from "../api/types";

// The API's largest page of runs.
const RUNS = 200;

export const studiesQuery = infiniteQueryOptions({
  queryKey: ["studies"],
  queryFn: ({ pageParam }) => listStudies(pageParam),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next_cursor }) => next_cursor,
});

export const studyQuery = (id: string) =>
  queryOptions({ queryKey: ["study", id], queryFn: () => getStudy(id) });

/** A study's runs with their live progress; only the newest ones if the study has more than a page. */
export const studyRunsQuery = (id: string) =>
  queryOptions({
    queryKey: ["runs", "of study", id],
    queryFn: () => listRuns({ study: id, limit: RUNS }),
  });

export const studyPlanQuery = (request: StudyRequest) =>
  queryOptions({ queryKey: ["study plan", request], queryFn: () => planStudy(request) });

/** The status of the paper's claims in your newest studies. */
export const standingsQuery = queryOptions({ queryKey: ["standings"], queryFn: listStandings });

export const signingKeyQuery = queryOptions({
  queryKey: ["signing key"],
  queryFn: getSigningKey,
  staleTime: Number.POSITIVE_INFINITY,
});
