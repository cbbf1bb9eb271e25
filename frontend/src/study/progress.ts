// A study's progress in words: its share of iterations and its runs by status.
import { STATUSES } from "../address/listing";
import type { StudySummary } from "../api/types";
import { formatCount, pluralize } from "../units";

type Progress = Pick<
  StudySummary["progress"],
  "runs" | "by_status" | "iteration" | "iterations" | "deleted" | "examinations" | "examinations_succeeded"
>;

/** The percentage of all runs' iterations that are done; below 100 until the last iteration. */
export function percentOf({ iteration, iterations }: Progress): number {
  if (iterations === 0) return 0;
  return iteration >= iterations ? 100 : Math.min((100 * iteration) / iterations, 99.9);
}

/** "45 % · 1 running, 3 queued of 6 runs" */
export function progressText(progress: Progress): string {
  const { runs, by_status, deleted, examinations, examinations_succeeded: succeeded } = progress;
  const states = STATUSES.filter((status) => by_status[status]).map(
    (status) => `${formatCount(by_status[status] ?? 0)} ${status}`,
  );
  const deletedRuns = deleted > 0 ? [`${formatCount(deleted)} deleted`] : [];
  const total = pluralize(runs + deleted, "run");
  const evaluations =
    examinations > 0 ? ` · ${formatCount(succeeded)} of ${pluralize(examinations, "evaluation")}` : "";
  return `${Math.floor(percentOf(progress))} % · ${[...states, ...deletedRuns].join(", ")} of ${total}${evaluations}`;
}
