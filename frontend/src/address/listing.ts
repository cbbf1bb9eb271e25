// The address of the list of runs: its filters, its order and its form.
import type { RunsQuery } from "../api/types";

export const STATUSES = ["queued", "running", "paused", "succeeded", "failed", "cancelled"] as const;
export type Status = (typeof STATUSES)[number];
export const SHORTCUTS = ["none", "A", "B", "C"] as const;
export type Shortcut = (typeof SHORTCUTS)[number];

export type Filter = {
  status?: Status | undefined;
  /** Archived runs only. Without it, they are left out. */
  archived?: true | undefined;
  text?: string | undefined;
  depth?: number | undefined;
  shortcut?: Shortcut | undefined;
  dataset?: string | undefined;
  tag?: string | undefined;
  project?: string | undefined;
  owner?: string | undefined;
  study?: string | undefined;
  /** Conditions as the API reads them: test_error<7. All must hold. */
  where?: string[] | undefined;
};
export type Listing = Filter & {
  /** One of the API's columns, with "-" in front for descending; without it, the newest run comes first. */
  sort?: string | undefined;
  /** Of the specification, only the fields in which the runs differ. */
  fields?: "differing" | undefined;
  /** The form: groups or a scatter; without it, the table. */
  view?: (typeof FORMS)[number] | undefined;
  /** What the groups are of. */
  by?: string | undefined;
  /** The quantities of the scatter's axes. */
  x?: string | undefined;
  y?: string | undefined;
  /** The table's columns, where a link says which; otherwise they are the reader's own choice. */
  columns?: string[] | undefined;
};
const FORMS = ["groups", "scatter"] as const;

/** Reads an address's query, and leaves out what it doesn't understand. */
export function readListing(query: Record<string, unknown>): Listing {
  const { status, text, depth, shortcut, dataset, tag, project, owner, study, where, sort, fields } = query;
  const { view, by, x, y, columns, archived } = query;
  return {
    status: STATUSES.find((choice) => choice === status),
    archived: archived === true || undefined,
    text: textOf(text),
    depth: typeof depth === "number" && Number.isInteger(depth) ? depth : undefined,
    shortcut: SHORTCUTS.find((choice) => choice === shortcut),
    dataset: textOf(dataset),
    tag: textOf(tag),
    project: textOf(project),
    owner: textOf(owner),
    study: textOf(study),
    where: textsOf(where),
    sort: typeof sort === "string" && /^-?\w+$/.test(sort) ? sort : undefined,
    fields: fields === "differing" ? fields : undefined,
    view: FORMS.find((form) => form === view),
    by: wordOf(by),
    x: wordOf(x),
    y: wordOf(y),
    columns: textsOf(columns),
  };
}

/** The API's query for a listing: there, some filters are lists of the values to let through. */
export function queryOf(listing: Listing): RunsQuery {
  const { status, depth, shortcut, dataset, ...same } = withoutForm(listing);
  const set = Object.entries(same).filter(([, value]) => value !== undefined);
  return {
    ...(status && { status: [status] }),
    ...(depth !== undefined && { depth: [depth] }),
    ...(shortcut && { shortcut: [shortcut] }),
    ...(dataset && { dataset: [dataset] }),
    ...Object.fromEntries(set),
  };
}

export const isFiltered = (listing: Listing): boolean => {
  const { sort: _, ...filter } = withoutForm(listing);
  return Object.values(filter).some((value) => value !== undefined);
};

/** What decides which runs are listed and in which order, without how they are shown. */
const withoutForm = ({ fields: _, view: __, by, x, y, columns, ...listed }: Listing): Listing => listed;

/** The order after a click on a column: the column's first order, then the reverse, then the newest first. */
export function nextSort(
  column: string,
  firstOrder: "up" | "down",
  current: string | undefined,
): string | undefined {
  const [first, reverse] = firstOrder === "up" ? [column, `-${column}`] : [`-${column}`, column];
  if (current === first) return reverse;
  return current === reverse ? undefined : first;
}

// The router parses digits as a number: ?text=110
const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) || undefined : undefined;

const wordOf = (value: unknown): string | undefined =>
  typeof value === "string" && /^\w+$/.test(value) ? value : undefined;

const textsOf = (value: unknown): string[] | undefined => {
  const texts = [value].flat().filter((text) => typeof text === "string");
  return texts.length > 0 ? texts : undefined;
};
