// What a run is doing, in words: how far, how long still, what it waits for.

import type { Status } from "../address/listing";
import { counted, timeLeft } from "../units";

/** The part of a run that its progress depends on; `eta_s` is the server's estimate in seconds. */
export type Going = {
  status: Status;
  iteration: number;
  iterations: number;
  eta_s?: number | null;
  /** The API's own sentence, while nothing is being trained. */
  waits_for?: string | null;
};

/** Whether the run can still change. */
export const isOpen = ({ status }: { status: Status }): boolean =>
  status === "queued" || status === "running" || status === "paused";

/** 45.3 of a hundred; never 100 before the last iteration. */
export function percentDone({ iteration, iterations }: Going): number {
  return iteration >= iterations ? 100 : Math.min((100 * iteration) / iterations, 99.9);
}

/** "45 % · 2 min left", "no worker is alive", … */
export function progressText(run: Going): string {
  const done = `${Math.floor(percentDone(run))} %`;
  if (run.waits_for) return run.iteration > 0 ? `${done} · ${run.waits_for}` : run.waits_for;
  if (!isOpen(run)) return run.iteration >= run.iterations ? done : `${done} · ${endedAt(run.iteration)}`;
  if (run.status === "paused") return done;
  if (run.iteration >= run.iterations) return `${done} · the last files are being saved`;
  return run.eta_s == null ? done : `${done} · ${timeLeft(run.eta_s)} left`;
}

const endedAt = (iteration: number): string =>
  iteration === 0 ? "ended before its first iteration" : `ended at iteration ${counted(iteration)}`;
