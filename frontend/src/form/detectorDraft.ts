// A draft of a detection run: the address's query holds it, and it becomes the body of the POST.
import { iterationsIn } from "./draft";
import { withPart } from "./paths";

/** Each field's path in a specification. */
export const PATHS = {
  dataset: "dataset",
  network: "network",
  start: "start.sha256",
  statistics: "start.statistics",
  iterations: "iterations",
  seed: "seed",
  side: "side",
  longest: "longest",
  sizes: "anchors.sizes",
  roi_size: "roi.size",
  roi_batch: "roi.batch",
  pooling: "roi.pooling",
  context: "context",
  stride_in_1x1: "stride_in_1x1",
  batch_norm: "batch_norm",
  freeze_up_to: "freeze_up_to",
  training: "training",
  batch_size: "batch_size",
  lr: "lr",
  drops: "schedule.at",
  momentum: "momentum",
  weight_decay: "weight_decay",
  augment: "augment",
  validation: "validation",
  ap: "ap",
  evaluate_every: "evaluate_every",
  checkpoint_every: "checkpoint_every",
  precision: "precision",
  devices: "devices",
} as const;

const NUMBERS = [
  "iterations",
  "seed",
  "side",
  "longest",
  "roi_size",
  "roi_batch",
  "freeze_up_to",
  "batch_size",
  "lr",
  "momentum",
  "weight_decay",
  "evaluate_every",
  "checkpoint_every",
  "devices",
] as const;
const FLAGS = ["context", "stride_in_1x1", "validation"] as const;
const TEXTS = ["dataset", "start", "statistics", "sizes", "drops", "name", "project"] as const;
const CHOICES = {
  network: ["vgg16", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"],
  pooling: ["pool", "align"],
  batch_norm: ["frozen", "live"],
  training: ["joint", "four_step"],
  augment: ["paper", "none"],
  ap: ["voc07", "area", "coco"],
  precision: ["fp32", "tf32", "bf16"],
} as const;

export type NumberName = (typeof NUMBERS)[number];
export type FlagName = (typeof FLAGS)[number];
export type TextName = (typeof TEXTS)[number];
export type Choices = typeof CHOICES;
export type ChoiceName = keyof Choices;

/** A field that is left out has the value of the paper or of [32]. `sizes` and `drops` are lists as typed: "24, 48". */
export type DetectorDraft = { [F in NumberName]?: number | undefined } & {
  [F in FlagName]?: boolean | undefined;
} & { [F in TextName]?: string | undefined } & {
  [F in ChoiceName]?: Choices[F][number] | undefined;
};

// A small first run: pictures of 160 pixels from scratch take minutes on a CPU, not the days of the paper's 600 pixels.
export const SMALL: DetectorDraft = {
  network: "resnet18",
  side: 160,
  sizes: "24, 48, 96",
  roi_size: 7,
  roi_batch: 16,
  batch_size: 2,
  lr: 0.01,
  iterations: 300,
  evaluate_every: 50,
};

export const choicesOf = <F extends ChoiceName>(field: F): Choices[F] => CHOICES[field];

/** Reads an address's query. Unknown fields and values are dropped, because an old or mistyped link may hold anything. */
export function readDetectorDraft(search: Record<string, unknown>): DetectorDraft {
  if (Object.keys(search).length === 0) return SMALL;
  const draft: Record<string, unknown> = {};
  for (const field of NUMBERS) if (Number.isFinite(search[field])) draft[field] = search[field];
  for (const field of FLAGS) if (typeof search[field] === "boolean") draft[field] = search[field];
  for (const field of TEXTS) {
    const value = search[field];
    if (typeof value === "string" || typeof value === "number") draft[field] = String(value);
  }
  for (const [field, choices] of Object.entries(CHOICES)) {
    const value = choices.find((choice) => choice === search[field]);
    if (value) draft[field] = value;
  }
  // Each field has just been checked.
  return draft as DetectorDraft;
}

/** The body of `POST /runs`, with only the fields that were filled in. */
export function detectorBody({ name, project, ...draft }: DetectorDraft) {
  const { sizes, drops } = draft;
  const at = iterationsIn(drops);
  const values = {
    ...draft,
    sizes: iterationsIn(sizes),
    drops: undefined,
    schedule: at && { kind: "steps", at, factor: 0.1 },
  };
  const spec = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .reduce((whole, [field, value]) => withPart(whole, pathOf(field), value), {
      task: "detection",
    } as Record<string, unknown>);
  return { ...(name && { name }), ...(project && { project }), spec };
}

const pathOf = (field: string): string => (field in PATHS ? PATHS[field as keyof typeof PATHS] : field);
