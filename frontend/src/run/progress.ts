// A run's progress in words: how far it is, how long it still takes, what it waits for.

import type { Status } from "../address/listing";
import { formatCount, timeLeft } from "../units";

/** What a run's progress depends on; `eta_s` is the server's estimate in seconds. */
export type Progress = {
  status: Status;
  iteration: number;
  iterations: number;
  eta_s?: number | null;
  /** The API's sentence on why the run is not training. */
  waits_for?: string | null;
};

/** Whether the run has not ended. */
export const isOpen = ({ status }: { status: Status }): boolean =>
  status === "queued" || status === "running" || status === "paused";

/** Whether there is progress to draw: not of a run that waits for its first iteration. */
export const hasBar = (run: Progress): boolean =>
  isOpen(run) && (run.status !== "queued" || run.iteration > 0);

/** 45.3 for 45.3 %; never 100 before the last iteration. */
export function percentDone({ iteration, iterations }: Progress): number {
  return iteration >= iterations ? 100 : Math.min((100 * iteration) / iterations, 99.9);
}

/** "45 % · 2 min left", "no worker is alive", … */
export function progressText(run: Progress): string {
  const done = `${Math.floor(percentDone(run))} %`;
  if (run.waits_for) return run.iteration > 0 ? `${done} · ${run.waits_for}` : run.waits_for;
  if (!isOpen(run)) return run.iteration >= run.iterations ? done : `${done} · ${endedAt(run.iteration)}`;
  if (run.status === "paused") return done;
  if (run.iteration >= run.iterations) return `${done} · saving the last files`;
  return run.eta_s == null ? done : `${done} · ${timeLeft(run.eta_s)} left`;
}

const endedAt = (iteration: number): string =>
  iteration === 0 ? "ended before its first iteration" : `ended at iteration ${formatCount(iteration)}`;
