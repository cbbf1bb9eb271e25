// The dashboard's queries to the API: how often each is repeated, and under which key its answer is cached.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { Cache } from "./cache";
import { listDatasets } from "./datasets";
import { CHANGES } from "./events/kinds";
import { Problem } from "./problem";
import {
  getCurves,
  getLog,
  getRun,
  getRunSize,
  listCheckpoints,
  listEvents,
  planDetection,
  planRun,
} from "./runs";
import { getSession } from "./service";
import type { CurvesQuery, Dataset, RunRequest } from "./types";

// While the API is away, every page keeps what it has, says how old that is, and tries again by itself.
const RETRY_MS = 2000;
const LOG_LINES = 200;
const SIZE_REFRESH_MS = 30_000;
// A worker that has died sends no event, so what trains is fetched again after so long: one heartbeat.
const TRAINING_REFRESH_MS = 15_000;

export const queryClient = new Cache({
  defaultOptions: {
    queries: {
      networkMode: "always",
      refetchInterval: ({ state }) => refreshMs(state.error, false),
    },
    mutations: { networkMode: "always" },
  },
});

export const sessionQuery = queryOptions({ queryKey: ["session"], queryFn: getSession, staleTime: 60_000 });

/** The run and everything below its key are fetched again when the stream reports a change. */
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: () => getRun(id),
    refetchInterval: ({ state }) => refreshMs(state.error, state.data?.status === "running"),
  });

/** Curves of any runs; the present ones stay on the screen until the next have come. */
export const curvesQuery = (query: CurvesQuery) =>
  queryOptions({
    queryKey: ["curves", query.run, query],
    queryFn: () => getCurves(query),
    placeholderData: keepPreviousData,
  });

export const historyQuery = (id: string) =>
  queryOptions({ queryKey: ["run", id, "history"], queryFn: () => listEvents(id, [...CHANGES]) });

export const logQuery = (id: string, part: { after?: number; search?: string }) =>
  queryOptions({
    queryKey: ["run", id, "log", part],
    queryFn: () => getLog(id, { tail: LOG_LINES, ...part }),
  });

export const checkpointsQuery = (id: string) =>
  queryOptions({ queryKey: ["run", id, "checkpoints"], queryFn: () => listCheckpoints(id) });

/** Not below the run's key: it changes with every event, and few readers look at it. */
export const sizeQuery = (id: string) =>
  queryOptions({ queryKey: ["size", id], queryFn: () => getRunSize(id), refetchInterval: SIZE_REFRESH_MS });

/** A plan depends only on its request. */
export const planQuery = (request: RunRequest) =>
  queryOptions({
    queryKey: ["plan", request],
    queryFn: () => planRun(request),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const detectionPlanQuery = (request: RunRequest) =>
  queryOptions({
    queryKey: ["plan", request],
    queryFn: () => planDetection(request),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Whether a classifier can be trained on a data set; one with boxes is for detectors. */
export const classifies = ({ task }: Dataset): boolean => task === "classification";
export const detects = ({ task }: Dataset): boolean => task === "detection";

export const datasetsQuery = queryOptions({ queryKey: ["datasets"], queryFn: listDatasets });

/** When a query is repeated without news. */
export const refreshMs = (error: Error | null, isTraining: boolean): number | false =>
  error instanceof Problem && error.isAway ? RETRY_MS : isTraining && TRAINING_REFRESH_MS;
