// How a study stands, in words: its runs by their state, and how many of its iterations are done.

import { STATUSES } from "../address/listing";
import type { StudySummary } from "../api/client";
import { counted } from "../units";

type Progress = Pick<
  StudySummary["progress"],
  "runs" | "by_status" | "iteration" | "iterations" | "deleted" | "examinations" | "examined"
>;

/** Of a hundred, over all iterations of all runs; never 100 before the last. */
export function percentOf({ iteration, iterations }: Progress): number {
  if (iterations === 0) return 0;
  return iteration >= iterations ? 100 : Math.min((100 * iteration) / iterations, 99.9);
}

/** "45 % · 1 running, 3 queued of 6 runs" */
export function standing(progress: Progress): string {
  const { runs, by_status, deleted, examinations, examined } = progress;
  const states = STATUSES.filter((status) => by_status[status]).map(
    (status) => `${counted(by_status[status] ?? 0)} ${status}`,
  );
  const gone = deleted > 0 ? [`${counted(deleted)} deleted`] : [];
  const total = runs + deleted === 1 ? "1 run" : `${counted(runs + deleted)} runs`;
  const asked = examinations > 0 ? ` · ${counted(examined)} of ${counted(examinations)} examined` : "";
  return `${Math.floor(percentOf(progress))} % · ${[...states, ...gone].join(", ")} of ${total}${asked}`;
}
