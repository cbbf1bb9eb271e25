// Which runs the list shows; the address's query holds it.

import type { RunsQuery } from "../api/client";

export const STATUSES = ["queued", "running", "paused", "succeeded", "failed", "cancelled"] as const;
export type Status = (typeof STATUSES)[number];
export const SHORTCUTS = ["none", "A", "B", "C"] as const;
export type Shortcut = (typeof SHORTCUTS)[number];

export type Filter = {
  status?: Status | undefined;
  text?: string | undefined;
  depth?: number | undefined;
  shortcut?: Shortcut | undefined;
  dataset?: string | undefined;
};

/** Reads an address's query; what is no filter is left out. */
export function readFilter({ status, text, depth, shortcut, dataset }: Record<string, unknown>): Filter {
  return {
    status: STATUSES.find((known) => known === status),
    text: written(text),
    depth: typeof depth === "number" && Number.isInteger(depth) ? depth : undefined,
    shortcut: SHORTCUTS.find((known) => known === shortcut),
    dataset: written(dataset),
  };
}

/** The same for the API, where a filter is a list of what is let through. */
export function askedFor({ status, text, depth, shortcut, dataset }: Filter): RunsQuery {
  return {
    ...(status && { status: [status] }),
    ...(text && { text }),
    ...(depth !== undefined && { depth: [depth] }),
    ...(shortcut && { shortcut: [shortcut] }),
    ...(dataset && { dataset: [dataset] }),
  };
}

export const isFiltered = (filter: Filter): boolean =>
  Object.values(filter).some((value) => value !== undefined);

// A query of digits is parsed as a number: ?text=110
const written = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) || undefined : undefined;
