// A draft of a run: the address's query holds it, and it becomes the body of the POST.
import type { RunSpec } from "../api/types";

const NUMBERS = [
  "depth",
  "iterations",
  "seed",
  "batch_size",
  "lr",
  "momentum",
  "weight_decay",
  "train_images",
  "evaluate_every",
  "checkpoint_every",
  "log_every",
  "devices",
  // Parts of the schedule and of the warm-up.
  "factor",
  "patience",
  "threshold",
  "warmup_lr",
  "warmup_until",
] as const;

const FLAGS = [
  "nesterov",
  "decay_batch_norm",
  "stride_in_1x1",
  "recompute_activations",
  "deterministic",
] as const;

const CHOICES = {
  family: ["cifar", "imagenet"],
  shortcut: ["none", "A", "B", "C"],
  augment: ["paper", "crop", "none"],
  precision: ["fp32", "tf32", "bf16"],
  schedule: ["steps", "plateau"],
  warmup: ["none", "until"],
  init: ["fan_out", "fan_in"],
} as const;

export type NumberName = (typeof NUMBERS)[number];
export type FlagName = (typeof FLAGS)[number];
export type Choices = typeof CHOICES;
export type ChoiceName = keyof Choices;

/**
 * A field that is left out has the paper's value. `drops` is a list of iterations as typed: "200, 300". `recipe` is
 * the recipe that the draft started from; it is not sent.
 */
export type Draft = { [F in NumberName]?: number | undefined } & {
  [F in ChoiceName]?: Choices[F][number] | undefined;
} & { [F in FlagName]?: boolean | undefined } & {
  dataset?: string | undefined;
  drops?: string | undefined;
  name?: string | undefined;
  project?: string | undefined;
  recipe?: string | undefined;
};

// A small first run: digits come with the service, 400 iterations take minutes on a CPU, and eight evaluations make a curve.
export const START: Draft = {
  depth: 20,
  shortcut: "A",
  dataset: "digits",
  iterations: 400,
  evaluate_every: 50,
};

/** Reads an address's query. Unknown fields and values are dropped, because an old or mistyped link may hold anything. */
export function readDraft(search: Record<string, unknown>): Draft {
  if (Object.keys(search).length === 0) return START;
  const draft: Draft = {};
  for (const field of NUMBERS) {
    const value = search[field];
    if (typeof value === "number" && Number.isFinite(value)) draft[field] = value;
  }
  for (const field of FLAGS) {
    const value = search[field];
    if (typeof value === "boolean") draft[field] = value;
  }
  for (const field of ["dataset", "drops", "name", "project", "recipe"] as const) {
    const value = search[field];
    if (typeof value === "string" || typeof value === "number") draft[field] = String(value);
  }
  const family = CHOICES.family.find((choice) => choice === search.family);
  const shortcut = CHOICES.shortcut.find((choice) => choice === search.shortcut);
  const augment = CHOICES.augment.find((choice) => choice === search.augment);
  const schedule = CHOICES.schedule.find((choice) => choice === search.schedule);
  const warmup = CHOICES.warmup.find((choice) => choice === search.warmup);
  const precision = CHOICES.precision.find((choice) => choice === search.precision);
  const init = CHOICES.init.find((choice) => choice === search.init);
  return {
    ...draft,
    ...(family && { family }),
    ...(shortcut && { shortcut }),
    ...(augment && { augment }),
    ...(precision && { precision }),
    ...(schedule && { schedule }),
    ...(warmup && { warmup }),
    ...(init && { init }),
  };
}

export const choicesOf = <F extends ChoiceName>(field: F): Choices[F] => CHOICES[field];

/** Changes the data set and clears the family, which was chosen for the previous data set. */
export const onDataset = (dataset: string | null): Draft => ({
  dataset: dataset ?? undefined,
  family: undefined,
});

/** The body of `POST /runs`, with only the fields that were filled in. */
export function bodyOf({ name, project, recipe: _, ...draft }: Draft) {
  const {
    drops,
    factor,
    patience,
    threshold,
    schedule: __,
    warmup_lr,
    warmup_until,
    warmup: ___,
    ...plain
  } = draft;
  const schedule = scheduleOf(draft);
  const warmup = warmupOf(draft);
  const spec = { ...plain, ...(schedule && { schedule }), ...(warmup !== undefined && { warmup }) };
  return { ...(name && { name }), ...(project && { project }), spec };
}

/** The schedule to send; undefined leaves it to the service. */
function scheduleOf({ schedule, drops, factor, patience, threshold }: Draft) {
  const at = iterationsIn(drops);
  const isPlateau = patience !== undefined || threshold !== undefined;
  if (schedule === "plateau" || (isPlateau && !at && schedule === undefined))
    return definedParts<RunSpec["schedule"]>({ kind: "plateau", factor, patience, threshold });
  if (schedule === "steps" || at) return { kind: "steps" as const, at: at ?? [], factor: factor ?? 0.1 };
  return undefined;
}

/** The warm-up to send; null turns it off, undefined leaves it to the service. */
function warmupOf({ warmup, warmup_lr: lr, warmup_until: until_train_error }: Draft) {
  if (warmup === "none") return null;
  const isSet = warmup === "until" || lr !== undefined || until_train_error !== undefined;
  return isSet ? definedParts<RunSpec["warmup"]>({ lr, until_train_error }) : undefined;
}

/** The parts of `T` that were filled in. The generator marks parts with defaults as required; in a request they are optional. */
const definedParts = <T>(parts: Record<string, unknown>): T =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as T;

/** "32000 48000" or "32000, 48000" → numbers; empty → undefined; "none" → no drops. */
export function iterationsIn(text: string | undefined): number[] | undefined {
  if (!text?.trim()) return undefined;
  return text.match(/\d+/g)?.map(Number) ?? [];
}
