// What a person declares of a result made elsewhere: each field is unknown, as in the paper, or another value.
import type { FileColumn, ImportDeclaration, Run } from "../../api/types";

/** "unknown" is the default: what nobody said is not taken as kept. */
export type Choice = "unknown" | "kept" | "other";
export type Declared = Partial<Record<string, { choice: Choice; text: string }>>;
export type Draft = {
  network: { dataset: string; depth: string; shortcut: string };
  fields: Declared;
  columns: Partial<Record<Series, FileColumn>>;
  format: Format | "";
  stepColumn: string;
  countsFrom: 0 | 1;
  iterationsPerStep: number;
  lab: string;
  source: string;
  testImages: string;
  name: string;
  /** What the network's input subtracts and divides by, for pixels from 0 to 1: "0.49, 0.48, 0.45". */
  weightsMean: string;
  weightsStd: string;
};
export type Format = NonNullable<Run["origin"]>["format"];
export type Series = (typeof SERIES)[number];

export const SERIES = [
  "train_error",
  "train_loss",
  "lr",
  "val_error",
  "val_loss",
  "val_top5_error",
  "test_error",
  "test_loss",
  "test_top5_error",
] as const;
export const MEASURES = {
  error: "error, percent",
  accuracy: "accuracy, percent",
  error_fraction: "error, 0 to 1",
  accuracy_fraction: "accuracy, 0 to 1",
} as const;
/** Declared above the others, because they say which network it is. */
export const NETWORK = ["dataset", "depth", "shortcut"] as const;
/** Read from the file, or of no meaning for a result. */
const NOT_DECLARED = new Set<string>([
  ...NETWORK,
  "family",
  "log_every",
  "evaluate_every",
  "checkpoint_every",
  "recompute_activations",
]);

export const EMPTY: Draft = {
  network: { dataset: "", depth: "", shortcut: "" },
  fields: {},
  columns: {},
  format: "",
  stepColumn: "",
  countsFrom: 1,
  iterationsPerStep: 1,
  lab: "",
  source: "",
  testImages: "",
  name: "",
  weightsMean: "",
  weightsStd: "",
};

/** The fields to declare one by one, in the specification's order. */
export const fieldsToDeclare = (spec: object): string[] =>
  Object.keys(spec).filter((field) => !NOT_DECLARED.has(field));

/** The body's declaration. `paper` is the paper's specification of the same network, for fields that were kept. */
export function declarationOf(draft: Draft, paper: Partial<Record<string, unknown>>): ImportDeclaration {
  const spec: Record<string, unknown> = {};
  for (const field of NETWORK) if (draft.network[field] !== "") spec[field] = parsed(draft.network[field]);
  for (const [field, entry] of Object.entries(draft.fields)) {
    if (entry?.choice === "kept" && field in paper) spec[field] = paper[field];
    if (entry?.choice === "other" && entry.text.trim() !== "") spec[field] = otherOf(field, entry.text);
  }
  return {
    spec,
    lab: draft.lab.trim() || null,
    source: draft.source.trim() || null,
    test_images: draft.testImages.trim() === "" ? null : Number(draft.testImages),
    reading: {
      format: draft.format || null,
      step_column: draft.stepColumn || null,
      counts_from: draft.countsFrom,
      iterations_per_step: draft.iterationsPerStep,
      columns: draft.columns,
    },
    ...(draft.name.trim() !== "" && { name: draft.name.trim() }),
    ...(draft.weightsMean.trim() !== "" && {
      weights_input: {
        mean: levels(draft.weightsMean),
        std: draft.weightsStd.trim() === "" ? [1, 1, 1] : levels(draft.weightsStd),
        scale: 1,
      },
    }),
  };
}

/** Red, green and blue. What isn't a number becomes null, and the service says what it expects. */
const levels = (text: string) =>
  text.split(",").map((part) => (part.trim() === "" ? null : Number(part))) as [number, number, number];

/** The drops of a schedule are typed as iterations: "32000, 48000". */
function otherOf(field: string, text: string): unknown {
  if (field === "schedule" && /^[\d\s,]+$/.test(text))
    return { kind: "steps", at: text.split(",").map((at) => Number(at.trim())) };
  return parsed(text.trim());
}

/** A number, true, false, null or JSON; any other text as it is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
