// Why a run can't be moved, retried or deleted; undefined where it can.
import type { Move, Run } from "../../api/types";
import { isOpen } from "../../run/progress";

type RunState = Pick<Run, "status" | "stop_request"> & Partial<Pick<Run, "origin">>;

/** An import was trained elsewhere, so nothing of it can be continued here. */
export const IMPORTED = "This run was trained elsewhere and imported.";

const OUTCOMES: Partial<Record<Run["status"], string>> = {
  succeeded: "This run has succeeded",
  failed: "This run has failed",
  cancelled: "This run was cancelled",
};

export function whyNot(move: Move, run: RunState): string | undefined {
  if (run.origin) return IMPORTED;
  if (!isOpen(run)) return `${OUTCOMES[run.status]}. Retry or fork it to continue.`;
  if (run.stop_request === "cancel")
    return "This run is being cancelled: its worker saves a last checkpoint first.";
  if (move === "pause" && run.stop_request === "pause")
    return "This run is being paused: its worker saves a checkpoint first.";
  return undefined;
}

/** Whether the button beside Cancel says Resume: the run is paused or being paused. */
export const isPausing = (run: RunState): boolean => run.status === "paused" || run.stop_request === "pause";

export function whyNotRetry(run: RunState): string | undefined {
  if (run.origin) return IMPORTED;
  return isOpen(run) ? `This run is still ${run.status}. You can retry it once it has ended.` : undefined;
}

export const whyNotDelete = (run: RunState): string | undefined =>
  run.status === "running" ? "This run is still running. Cancel it first." : undefined;
