// What is asked of the API, how often, and under which key it is kept.
import { keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import {
  type CurvesQuery,
  getCurves,
  getLog,
  getRun,
  getRunSize,
  getSession,
  listCheckpoints,
  listDatasets,
  listEvents,
  planRun,
  type RunRequest,
} from "./client";
import { CHANGES } from "./kinds";
import { Problem } from "./problem";

// While the API is away every page keeps what it has, says since when, and asks again by itself.
const ASK_AGAIN_MS = 2000;
const LOG_LINES = 200;
const SIZE_AGAIN_MS = 30_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: false,
      networkMode: "always",
      refetchInterval: ({ state }) => (isAway(state.error) ? ASK_AGAIN_MS : false),
    },
    mutations: { networkMode: "always" },
  },
});

export const sessionQuery = queryOptions({ queryKey: ["session"], queryFn: getSession, staleTime: 60_000 });

/** The run itself and everything below its key are asked for again when its stream speaks. */
export const runQuery = (id: string) => queryOptions({ queryKey: ["run", id], queryFn: () => getRun(id) });

/** Curves of any runs; what is on the screen stays there until the next window has come. */
export const curvesQuery = (asked: CurvesQuery) =>
  queryOptions({
    queryKey: ["curves", asked.run, asked],
    queryFn: () => getCurves(asked),
    placeholderData: keepPreviousData,
  });

export const historyQuery = (id: string) =>
  queryOptions({ queryKey: ["run", id, "history"], queryFn: () => listEvents(id, [...CHANGES]) });

export const logQuery = (id: string, place: { after?: number; search?: string }) =>
  queryOptions({
    queryKey: ["run", id, "log", place],
    queryFn: () => getLog(id, { tail: LOG_LINES, ...place }),
  });

export const checkpointsQuery = (id: string) =>
  queryOptions({ queryKey: ["run", id, "checkpoints"], queryFn: () => listCheckpoints(id) });

/** Not below the run's key: it grows with every event, and is looked at seldom. */
export const sizeQuery = (id: string) =>
  queryOptions({ queryKey: ["size", id], queryFn: () => getRunSize(id), refetchInterval: SIZE_AGAIN_MS });

/** A plan depends on nothing but its request. */
export const planQuery = (request: RunRequest) =>
  queryOptions({
    queryKey: ["plan", request],
    queryFn: () => planRun(request),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const datasetsQuery = queryOptions({ queryKey: ["datasets"], queryFn: listDatasets });

const isAway = (error: Error | null): boolean => error instanceof Problem && error.isAway;
