// Small curves of the runs in sight: what many rows ask for within a moment is one request.
import { queryOptions } from "@tanstack/react-query";
import { getCurves, type Run } from "../../../api/client";
import { isOpen } from "../../../run/progress";

export type Small = { x: readonly number[]; y: readonly number[] };
type Asked = {
  id: string;
  iterations: number;
  resolve: (small: Small) => void;
  reject: (why: unknown) => void;
};

const BUCKETS = 40;
const COLLECT_MS = 100;
const MOST = 50;
const AGAIN_MS = 10_000;

/** The training error; of a run that still trains it is asked for again now and then. */
export const sparklineQuery = (run: Run) =>
  queryOptions({
    queryKey: ["sparkline", run.id, run.status],
    queryFn: () => asked(run),
    enabled: run.iteration > 0,
    staleTime: isOpen(run) ? AGAIN_MS : Number.POSITIVE_INFINITY,
    refetchInterval: run.status === "running" ? AGAIN_MS : false,
  });

let waiting: Asked[] = [];

const asked = ({ id, iterations }: Run): Promise<Small> =>
  new Promise((resolve, reject) => {
    if (waiting.length === 0) setTimeout(send, COLLECT_MS);
    waiting.push({ id, iterations, resolve, reject });
  });

/** Curves of one request share a grid, so runs of other lengths are another. */
function send(): void {
  const all = waiting;
  waiting = [];
  for (const iterations of new Set(all.map((one) => one.iterations))) {
    const alike = all.filter((one) => one.iterations === iterations);
    for (let first = 0; first < alike.length; first += MOST)
      fetchOf(alike.slice(first, first + MOST), iterations);
  }
}

async function fetchOf(batch: readonly Asked[], iterations: number): Promise<void> {
  try {
    const run = batch.map(({ id }) => id);
    const { runs } = await getCurves({ run, series: "train_error", points: BUCKETS, to: iterations });
    for (const { id, resolve } of batch) {
      const curve = runs.find(({ run }) => run === id)?.series.train_error;
      resolve({ x: [...(curve?.iteration ?? [])].map((at) => at / iterations), y: [...(curve?.mean ?? [])] });
    }
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}
