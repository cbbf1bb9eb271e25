// The kinds of a run's events, as the API names them, by what they change on a page.

/** These come every second and change neither the files nor the history. */
export const PROGRESS = ["steps", "evaluated"] as const;

/** A file more to take along. */
export const FILES = ["saved"] as const;

/** What a history tells: who did what to the run, and why. */
export const CHANGES = [
  "created",
  "changed",
  "claimed",
  "started",
  "warned",
  "cancel_wished",
  "pause_wished",
  "given_back",
  "lease_expired",
  "paused",
  "resumed",
  "succeeded",
  "failed",
  "cancelled",
  "deleted",
] as const;
