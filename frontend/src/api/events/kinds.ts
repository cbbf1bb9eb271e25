// The kinds of a run's events, grouped by what they change on a page.
import type { EventKind } from "../types";

/** Progress: comes every second and changes neither the files nor the history. */
export const PROGRESS = ["steps", "evaluated"] as const satisfies EventKind[];

/** A new file to download. */
export const FILES = ["saved"] as const satisfies EventKind[];

/** What the history shows: who did what to the run, and why. */
export const CHANGES = [
  "created",
  "imported",
  "changed",
  "claimed",
  "started",
  "warned",
  "cancel_requested",
  "pause_requested",
  "returned",
  "lease_expired",
  "paused",
  "resumed",
  "succeeded",
  "failed",
  "cancelled",
] as const satisfies EventKind[];
