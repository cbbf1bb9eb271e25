// The runs that a claim still needs, in words.
import type { ClaimStatus } from "../api/types";
import { pluralize } from "../units";

/** "3 runs of plain-20"; `runs` is null if a study cannot have as many as it would take. */
export const neededRuns = ({ net, runs }: ClaimStatus["missing"][number]): string =>
  runs === null ? `more runs of ${net} than a study can have` : `${pluralize(runs, "run")} of ${net}`;
