// How a rule and its plan read.
import type { RetentionPlan } from "../../api/retention";
import { formatCount, pluralize, size } from "../../units";

/** "30 days"; what has no number of days is kept. */
export const days = (count: number | null): string => (count === null ? "never" : pluralize(count, "day"));

/** "12 files of 3 runs, 1.2 GB" */
export const extent = ({ files, runs, size_bytes }: RetentionPlan): string =>
  `${pluralize(files, "file")} of ${pluralize(runs, "run")}, ${size(size_bytes)}`;

/** What follows the files that are listed, if there are more. */
export const rest = ({ files, first }: RetentionPlan): string | undefined =>
  files > first.length ? `… and ${formatCount(files - first.length)} more` : undefined;
