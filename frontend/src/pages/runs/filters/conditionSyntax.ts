// Conditions on columns, as the API reads them: best_test_error<7. Which columns there are, and what they hold.

import { SHORTCUTS, STATUSES } from "../../../address/listing";
import type { RunSpec } from "../../../api/client";

/** What a column is compared with; a list is all the values that it may have. */
export type Kind = "number" | "text" | "time" | readonly string[];
const YES_NO = ["true", "false"] as const;

// Objects of the specification: sorted by, each stands beside its equals; no values that could be compared.
const OBJECTS = ["schedule", "warmup"] as const;
// A field that is missing here does not compile.
const OF_SPEC: Record<Exclude<keyof RunSpec, (typeof OBJECTS)[number]>, Kind> = {
  dataset: "text",
  family: ["cifar", "imagenet"],
  depth: "number",
  shortcut: SHORTCUTS,
  seed: "number",
  iterations: "number",
  batch_size: "number",
  lr: "number",
  momentum: "number",
  nesterov: YES_NO,
  weight_decay: "number",
  decay_batch_norm: YES_NO,
  init: ["fan_out", "fan_in"],
  train_images: "number",
  augment: ["paper", "crop", "none"],
  stride_in_1x1: YES_NO,
  precision: ["fp32", "tf32", "bf16"],
  recompute_activations: YES_NO,
  evaluate_every: "number",
  checkpoint_every: "number",
  log_every: "number",
  deterministic: YES_NO,
  devices: "number",
};

/** By the API's name of the column, in the order of the columns menu. */
export const KINDS: Readonly<Record<string, Kind>> = {
  name: "text",
  status: STATUSES,
  iteration: "number",
  train_error: "number",
  val_error: "number",
  best_val_error: "number",
  test_error: "number",
  best_test_error: "number",
  created_at: "time",
  started_at: "time",
  finished_at: "time",
  priority: "number",
  owner: "text",
  project: "text",
  parameters: "number",
  multiply_adds: "number",
  images_per_s: "number",
  ...OF_SPEC,
};

/** Operators and how they are printed. */
const SIGNS: Readonly<Record<string, string>> = {
  "=": "=",
  "!=": "≠",
  "<": "<",
  "<=": "≤",
  ">": ">",
  ">=": "≥",
};
export const signOf = (operator: string): string => SIGNS[operator] ?? operator;

/** What is not greater or less is equal or not. */
export const operatorsOf = (kind: Kind): string[] =>
  Object.keys(SIGNS).filter((operator) => kind === "number" || kind === "time" || /^!?=$/.test(operator));

const WRITTEN = /^(\w+?)(<=|>=|!=|=|<|>)(.+)$/;

// So many, and so long as an address writes them, keep it below 2 kB.
const [MOST, LONGEST] = [10, 1000];

/** Whether an address can hold these conditions. */
export const fits = (conditions: readonly string[]): boolean =>
  conditions.length <= MOST && encodeURIComponent(conditions.join("")).length <= LONGEST;

/** Each once, as many as fit, on columns that there are: a link may be older than its columns. */
export function understood(conditions: readonly string[] = []): string[] | undefined {
  const kept: string[] = [];
  for (const each of new Set(conditions)) {
    const isKnown = Object.hasOwn(KINDS, WRITTEN.exec(each)?.[1] ?? "");
    if (isKnown && fits([...kept, each])) kept.push(each);
  }
  return kept.length > 0 ? kept : undefined;
}

/** An order by a column that there is, with "-" in front for descending. */
export function knownOrder(sort: string | undefined): string | undefined {
  const column = sort?.replace(/^-/, "") ?? "";
  return Object.hasOwn(KINDS, column) || OBJECTS.some((name) => name === column) ? sort : undefined;
}

/** "test_error<=7" → "test error ≤ 7", by the titles of the columns. */
export function inWords(condition: string, titleOf: (column: string) => string): string {
  const [, column = "", operator = "", value = ""] = WRITTEN.exec(condition) ?? [];
  const title = titleOf(column).replace(/^./, (letter) => letter.toLowerCase());
  return `${title} ${signOf(operator)} ${value}`;
}
