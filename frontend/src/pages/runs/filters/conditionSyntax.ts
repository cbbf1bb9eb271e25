// Conditions on columns as the API reads them, such as test_error<7; the columns, and the kinds of their values.

import { SHORTCUTS, STATUSES } from "../../../address/listing";
import type { RunSpec } from "../../../api/types";

/** The kind of a column's values; a list names all possible values. */
export type Kind = "number" | "text" | "time" | readonly string[];
const YES_NO = ["true", "false"] as const;

// Objects in the specification: the list can be sorted by them, which puts equal ones together, but not filtered.
const OBJECTS = ["schedule", "warmup"] as const;
// A missing field doesn't compile.
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

/** The kind of each column by the API's name, in the order of the columns menu. */
export const KINDS: Readonly<Record<string, Kind>> = {
  name: "text",
  status: STATUSES,
  iteration: "number",
  train_error: "number",
  val_error: "number",
  best_val_error: "number",
  test_error: "number",
  best_test_error: "number",
  test_map: "number",
  best_test_map: "number",
  val_map: "number",
  best_val_map: "number",
  task: ["classification", "detection"],
  network: ["vgg16", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"],
  batch_norm: ["frozen", "live"],
  side: "number",
  ap: ["voc07", "area", "coco"],
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

/** Operators and their printed signs. */
const SIGNS: Readonly<Record<string, string>> = {
  "=": "=",
  "!=": "≠",
  "<": "<",
  "<=": "≤",
  ">": ">",
  ">=": "≥",
};
export const signOf = (operator: string): string => SIGNS[operator] ?? operator;

/** A number or a time has all operators, other kinds only = and ≠. */
export const operatorsOf = (kind: Kind): string[] =>
  Object.keys(SIGNS).filter((operator) => kind === "number" || kind === "time" || /^!?=$/.test(operator));

const CONDITION = /^(\w+?)(<=|>=|!=|=|<|>)(.+)$/;

// The most conditions, and the most characters of all conditions in an address, that keep it below 2 kB.
const [MOST, LONGEST] = [10, 1000];

/** Whether an address can hold these conditions. */
export const fits = (conditions: readonly string[]): boolean =>
  conditions.length <= MOST && encodeURIComponent(conditions.join("")).length <= LONGEST;

/** The conditions on existing columns, without duplicates, as many as fit: a link may be older than the columns. */
export function validConditions(conditions: readonly string[] = []): string[] | undefined {
  const valid: string[] = [];
  for (const condition of new Set(conditions)) {
    const hasColumn = Object.hasOwn(KINDS, CONDITION.exec(condition)?.[1] ?? "");
    if (hasColumn && fits([...valid, condition])) valid.push(condition);
  }
  return valid.length > 0 ? valid : undefined;
}

/** The order, where it is by an existing column, with "-" in front for descending. */
export function validSort(sort: string | undefined): string | undefined {
  const column = sort?.replace(/^-/, "") ?? "";
  return Object.hasOwn(KINDS, column) || OBJECTS.some((name) => name === column) ? sort : undefined;
}

/** "test_error<=7" → "test error ≤ 7", with the columns' titles. */
export function conditionText(condition: string, titleOf: (column: string) => string): string {
  const [, column = "", operator = "", value = ""] = CONDITION.exec(condition) ?? [];
  const title = titleOf(column).replace(/^./, (letter) => letter.toLowerCase());
  return `${title} ${signOf(operator)} ${value}`;
}
