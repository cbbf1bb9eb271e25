// The kinds of a run's events, grouped by what they change on a page.

/** Progress: comes every second and changes neither the files nor the history. */
export const PROGRESS = ["steps", "evaluated"] as const;

/** A new file to download. */
export const FILES = ["saved"] as const;

/** What the history shows: who did what to the run, and why. */
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
