// Small curves of the runs in sight; the curves of many rows are fetched in one request.
import { queryOptions } from "@tanstack/react-query";
import { getCurves } from "../../../api/runs";
import type { Run } from "../../../api/types";
import { isOpen } from "../../../run/progress";

export type Points = { x: readonly number[]; y: readonly number[] };
type Pending = {
  id: string;
  series: "train_error" | "train_loss";
  iterations: number;
  resolve: (points: Points) => void;
  reject: (why: unknown) => void;
};

const BUCKETS = 40;
const COLLECT_MS = 100;
const MOST = 50;
const REFRESH_MS = 10_000;

/** The training error of a run, or a detector's loss, fetched again now and then while the run trains. */
export const sparklineQuery = (run: Run) =>
  queryOptions({
    queryKey: ["sparkline", run.id, run.status],
    queryFn: () => enqueue(run),
    enabled: run.iteration > 0,
    staleTime: isOpen(run) ? REFRESH_MS : Number.POSITIVE_INFINITY,
    refetchInterval: run.status === "running" ? REFRESH_MS : false,
  });

let waiting: Pending[] = [];

const enqueue = ({ id, iterations, task }: Run): Promise<Points> =>
  new Promise((resolve, reject) => {
    if (waiting.length === 0) setTimeout(send, COLLECT_MS);
    const series = task === "detection" ? "train_loss" : "train_error";
    waiting.push({ id, series, iterations, resolve, reject });
  });

/** All curves of a request share a grid, so runs of different lengths need different requests. */
function send(): void {
  const all = waiting;
  waiting = [];
  for (const iterations of new Set(all.map((pending) => pending.iterations))) {
    const alike = all.filter((pending) => pending.iterations === iterations);
    for (let first = 0; first < alike.length; first += MOST)
      fetchBatch(alike.slice(first, first + MOST), iterations);
  }
}

async function fetchBatch(batch: readonly Pending[], iterations: number): Promise<void> {
  try {
    const run = batch.map(({ id }) => id);
    const series = [...new Set(batch.map((pending) => pending.series))].join(",");
    const { runs } = await getCurves({ run, series, points: BUCKETS, to: iterations });
    for (const { id, series, resolve } of batch) {
      const curve = runs.find(({ run }) => run === id)?.series[series];
      resolve({ x: [...(curve?.iteration ?? [])].map((at) => at / iterations), y: [...(curve?.mean ?? [])] });
    }
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}
