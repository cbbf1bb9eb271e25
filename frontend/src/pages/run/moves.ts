// What may be done with a run, and why not where it may not.
import type { Move, Run } from "../../api/client";
import { isOpen } from "../../run/progress";

type Standing = Pick<Run, "status" | "stop_request">;

/** Why a run cannot be moved so; undefined where it can. */
export function whyNot(move: Move, run: Standing): string | undefined {
  if (!isOpen(run)) return `The run has ended: it is ${run.status}.`;
  if (run.stop_request === "cancel") return "Cancelling already: the worker saves a last checkpoint first.";
  if (move === "pause" && run.stop_request === "pause")
    return "Pausing already: the worker saves a checkpoint first.";
  return undefined;
}

/** Whether the button beside Cancel resumes: a run that is paused, or is about to be. */
export const isPausing = (run: Standing): boolean => run.status === "paused" || run.stop_request === "pause";

export const whyNotRetry = (run: Standing): string | undefined =>
  isOpen(run) ? `Only a run that has ended can be retried: this one is ${run.status}.` : undefined;

export const whyNotDelete = (run: Standing): string | undefined =>
  run.status === "running" ? "A running run cannot be deleted: cancel it first." : undefined;
