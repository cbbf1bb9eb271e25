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

/** "45 % · 1 running, 3 queued of 4 runs", or "100 % · 4 runs succeeded" */
export function progressText(progress: Progress): string {
  const { runs, by_status, deleted, examinations, examinations_succeeded: succeeded } = progress;
  const counts = [
    ...STATUSES.map((status) => [status, by_status[status] ?? 0] as const),
    ["deleted", deleted] as const,
  ];
  const states = counts.filter(([, count]) => count > 0);
  const total = pluralize(runs + deleted, "run");
  const [only] = states;
  const words =
    only && states.length === 1
      ? `${total} ${only[0]}`
      : `${states.map(([state, count]) => `${formatCount(count)} ${state}`).join(", ")} of ${total}`;
  const evaluations =
    examinations > 0 ? ` · ${formatCount(succeeded)} of ${pluralize(examinations, "evaluation")}` : "";
  return `${Math.floor(percentOf(progress))} % · ${words}${evaluations}`;
}
