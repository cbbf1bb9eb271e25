// A draft of a study: the address's query holds it, and it becomes the body of the POST.
import type { StudyRequest } from "../api/types";

/** Defaults: all networks of the recipe, one seed, the full schedule, the recipe's data set, no budget, priority 0, any queue. */
export type StudyDraft = {
  recipe: string;
  networks?: string[] | undefined;
  seeds?: number | undefined;
  scale?: number | undefined;
  dataset?: string | undefined;
  budget?: number | undefined;
  priority?: number | undefined;
  queue?: "cpu" | "gpu" | undefined;
  reuse?: true | undefined;
  registered?: true | undefined;
  /** For a study of detectors: `SMALL_DETECTORS` in the place of the paper's. */
  small?: true | undefined;
  question?: string | undefined;
  exclusion_rule?: string | undefined;
  name?: string | undefined;
  project?: string | undefined;
};

// The paper's smallest experiment with two seeds, at half a percent of the schedule, on data that needs no download.
export const START: StudyDraft = { recipe: "figure-1", seeds: 2, scale: 0.005, dataset: "digits" };

/** The studies of detectors (sec. 4.3): their members are no networks of `GET /recipes`. */
export const DETECTORS = [
  { name: "table-7", title: "Faster R-CNN on PASCAL VOC" },
  { name: "table-8", title: "Faster R-CNN on COCO" },
  { name: "table-9", title: "Box refinement, context and multi-scale testing" },
] as const;

export const isOfDetectors = (recipe: string): boolean => DETECTORS.some(({ name }) => name === recipe);

// Detectors that a CPU can train.
const SMALL_DETECTORS = {
  instead: { vgg16: "resnet18", resnet101: "resnet34" },
  fields: {
    side: 160,
    anchors: { sizes: [24, 48, 96] },
    roi: { size: 7, batch: 16 },
    batch_size: 2,
    lr: 0.01,
  },
  starts: {},
} as const;

/** Reads an address's query. Unknown fields and values are dropped; without a recipe it returns START. */
export function readStudyDraft(query: Record<string, unknown>): StudyDraft {
  const { recipe, networks, reuse, registered, queue } = query;
  if (typeof recipe !== "string") return START;
  const draft: StudyDraft = { recipe };
  for (const field of ["seeds", "scale", "budget", "priority"] as const) {
    const value = query[field];
    if (typeof value === "number" && Number.isFinite(value)) draft[field] = value;
  }
  for (const field of ["dataset", "name", "project", "question", "exclusion_rule"] as const) {
    const value = query[field];
    if (typeof value === "string" || typeof value === "number") draft[field] = String(value);
  }
  if (queue === "cpu" || queue === "gpu") draft.queue = queue;
  // A single network arrives as a string: ?networks=plain-20
  const labels = [networks].flat().filter((label) => typeof label === "string");
  if (labels.length > 0) draft.networks = labels;
  if (reuse === true) draft.reuse = true;
  if (registered === true) draft.registered = true;
  if (query.small === true) draft.small = true;
  return draft;
}

/** The body of `POST /studies`, with only the fields that were filled in. */
export function bodyOf({
  registered,
  question,
  exclusion_rule,
  small,
  ...options
}: StudyDraft): StudyRequest {
  const detection = small && isOfDetectors(options.recipe) ? SMALL_DETECTORS : undefined;
  const body = definedOf({ ...options, detection });
  return registered ? { ...body, registration: definedOf({ question, exclusion_rule }) } : body;
}

const definedOf = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]: Exclude<Fields[Name], undefined>;
  };

/** The chosen networks in the recipe's order; undefined if all or none are chosen. */
export function networkChoice(all: readonly string[], labels: readonly string[]): string[] | undefined {
  const inOrder = all.filter((label) => labels.includes(label));
  return inOrder.length === 0 || inOrder.length === all.length ? undefined : inOrder;
}
