// What is asked of the API about studies. The keys "studies" and "study" are made old by the tab's stream.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import {
  getSigningKey,
  getStudy,
  listRuns,
  listStandings,
  listStudies,
  planStudy,
  type StudyRequest,
} from "../api/client";

// The most runs that the API lists on a page.
const RUNS = 200;

export const studiesQuery = infiniteQueryOptions({
  queryKey: ["studies"],
  queryFn: ({ pageParam }) => listStudies(pageParam),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next_cursor }) => next_cursor,
});

export const studyQuery = (id: string) =>
  queryOptions({ queryKey: ["study", id], queryFn: () => getStudy(id) });

/** Its runs, whose progress is told with every step; of a study of more, the newest. */
export const studyRunsQuery = (id: string) =>
  queryOptions({
    queryKey: ["runs", "of study", id],
    queryFn: () => listRuns({ study: id, limit: RUNS }),
  });

export const studyPlanQuery = (request: StudyRequest) =>
  queryOptions({ queryKey: ["study plan", request], queryFn: () => planStudy(request) });

/** How the paper's claims stand in one's own newest studies. */
export const standingsQuery = queryOptions({ queryKey: ["standings"], queryFn: listStandings });

export const signingKeyQuery = queryOptions({
  queryKey: ["signing key"],
  queryFn: getSigningKey,
  staleTime: Number.POSITIVE_INFINITY,
});
