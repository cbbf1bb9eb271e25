// Which runs the list shows, in which order; the address's query holds it.

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
  tag?: string | undefined;
  project?: string | undefined;
  owner?: string | undefined;
  study?: string | undefined;
  /** As the API reads them: best_test_error<7. All must hold. */
  where?: string[] | undefined;
};
/** A column of the API's, with "-" in front for descending; absent: the newest first. */
export type Listed = Filter & {
  sort?: string | undefined;
  /** Of the specification, only the fields in which the runs differ. */
  fields?: "differing" | undefined;
};

/** Reads an address's query; what is not understood is left out. */
export function readListed(query: Record<string, unknown>): Listed {
  const { status, text, depth, shortcut, dataset, tag, project, owner, study, where, sort, fields } = query;
  return {
    status: STATUSES.find((known) => known === status),
    text: written(text),
    depth: typeof depth === "number" && Number.isInteger(depth) ? depth : undefined,
    shortcut: SHORTCUTS.find((known) => known === shortcut),
    dataset: written(dataset),
    tag: written(tag),
    project: written(project),
    owner: written(owner),
    study: written(study),
    where: list(where),
    sort: typeof sort === "string" && /^-?\w+$/.test(sort) ? sort : undefined,
    fields: fields === "differing" ? fields : undefined,
  };
}

/** The same for the API, where some filters are lists of what is let through. */
export function askedFor({ fields: _, status, depth, shortcut, dataset, ...same }: Listed): RunsQuery {
  const given = Object.entries(same).filter(([, value]) => value !== undefined);
  return {
    ...(status && { status: [status] }),
    ...(depth !== undefined && { depth: [depth] }),
    ...(shortcut && { shortcut: [shortcut] }),
    ...(dataset && { dataset: [dataset] }),
    ...Object.fromEntries(given),
  };
}

export const isFiltered = ({ sort: _, fields: __, ...filter }: Listed): boolean =>
  Object.values(filter).some((value) => value !== undefined);

/** The next order after a click on a column: its first, the other way round, the newest first. */
export function sortedBy(column: string, first: "up" | "down", now: string | undefined): string | undefined {
  const [one, other] = first === "up" ? [column, `-${column}`] : [`-${column}`, column];
  if (now === one) return other;
  return now === other ? undefined : one;
}

// A query of digits is parsed as a number: ?text=110
const written = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) || undefined : undefined;

const list = (value: unknown): string[] | undefined => {
  const given = [value].flat().filter((each) => typeof each === "string");
  return given.length > 0 ? given : undefined;
};
