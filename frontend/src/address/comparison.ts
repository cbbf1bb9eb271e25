// Which runs are compared, and how: the address's query holds it.
import { readView, type View } from "../chart/view";

// So many are compared at once: their ids keep an address below 2 kB.
export const MOST = 40;
export const ERRORS = {
  test_error: "last test error",
  best_test_error: "best test error",
  val_error: "last validation error",
  best_val_error: "best validation error",
  train_error: "last training error",
} as const;
export type ErrorName = keyof typeof ERRORS;

export type Comparison = View & {
  /** All that the link names; the first `MOST` of them are compared. */
  run: string[];
  /** The field of the specification that gives a curve its colour; absent: its run does. */
  color?: string | undefined;
  /** Runs that differ in their seed only are one curve. */
  seeds?: "mean" | undefined;
  /** The run that the others are held against. */
  pin?: string | undefined;
  /** Every field is shown, not only those that differ. */
  fields?: "all" | undefined;
  /** What the paper's layout shows. */
  error?: ErrorName | undefined;
};

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads an address's query. What is not understood is left out. */
export function readComparison(query: Record<string, unknown>): Comparison {
  const { run, color, seeds, pin, fields, error } = query;
  const asked = [run].flat().filter((id): id is string => typeof id === "string" && ID.test(id));
  const ids = [...new Set(asked)];
  return {
    run: ids,
    color: typeof color === "string" && /^[a-z_]+$/.test(color) ? color : undefined,
    seeds: seeds === "mean" ? seeds : undefined,
    pin: ids.slice(0, MOST).find((id) => id === pin),
    fields: fields === "all" ? fields : undefined,
    error: typeof error === "string" && error in ERRORS ? (error as ErrorName) : undefined,
    ...readView(query),
  };
}
