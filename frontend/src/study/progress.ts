// A study's progress in words: its share of iterations and its runs by status.
import { STATUSES } from "../address/listing";
import type { StudySummary } from "../api/client";
import { counted, numbered } from "../units";

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
    (status) => `${counted(by_status[status] ?? 0)} ${status}`,
  );
  const deletedRuns = deleted > 0 ? [`${counted(deleted)} deleted`] : [];
  const total = numbered(runs + deleted, "run");
  const evaluations =
    examinations > 0 ? ` · ${counted(succeeded)} of ${numbered(examinations, "evaluation")}` : "";
  return `${Math.floor(percentOf(progress))} % · ${[...states, ...deletedRuns].join(", ")} of ${total}${evaluations}`;
}
