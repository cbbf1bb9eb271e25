// The runs that a claim still needs, in words.
import type { ClaimStatus } from "../api/client";
import { numbered } from "../units";

/** "3 runs of plain-20"; `runs` is null where more than a hundred would be needed. */
export const neededRuns = ({ net, runs }: ClaimStatus["missing"][number]): string =>
  runs === null ? `more than 100 runs of ${net}` : `${numbered(runs, "run")} of ${net}`;
