// The address of a comparison: which runs it compares, and how.
import { readView, type View } from "../chart/view";

// The most runs that are compared at once: their ids keep an address below 2 kB.
export const MOST = 40;
export const ERRORS = {
  test_error: "Last test error",
  best_test_error: "Lowest test error of all evaluations",
  val_error: "Last validation error",
  best_val_error: "Lowest validation error of all evaluations",
  train_error: "Training error, mean of the last 20 mini-batches",
} as const;
export type ErrorName = keyof typeof ERRORS;

export type Comparison = View & {
  /** Every run that the link names; the first `MOST` of them are compared. */
  run: string[];
  /** The field of the specification that colours the curves; without it each run has its own colour. */
  color?: string | undefined;
  /** The field with a panel for each of its values; "off" for one panel where a preset would put plain beside residual. */
  split?: string | undefined;
  /** Runs that differ only in their seed are drawn as one curve. */
  seeds?: "mean" | undefined;
  /** The run that the others are compared with. */
  pin?: string | undefined;
  /** Every field is shown, not only the differing ones. */
  fields?: "all" | undefined;
  /** The error shown in the paper's layout. */
  error?: ErrorName | undefined;
};

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads an address's query, and leaves out what it doesn't understand. */
export function readComparison(query: Record<string, unknown>): Comparison {
  const { run, color, split, seeds, pin, fields, error } = query;
  const valid = [run].flat().filter((id): id is string => typeof id === "string" && ID.test(id));
  const ids = [...new Set(valid)];
  return {
    run: ids,
    color: fieldOf(color),
    split: fieldOf(split),
    seeds: seeds === "mean" ? seeds : undefined,
    pin: ids.slice(0, MOST).find((id) => id === pin),
    fields: fields === "all" ? fields : undefined,
    error: typeof error === "string" && error in ERRORS ? (error as ErrorName) : undefined,
    ...readView(query),
  };
}

const fieldOf = (value: unknown): string | undefined =>
  typeof value === "string" && /^[a-z_]+$/.test(value) ? value : undefined;
