// A study that is being written: the address's query holds it, and it becomes the POST's body.
import type { StudyRequest } from "../api/client";

/** What is left out is the paper's: all networks, one seed, the whole schedule, its data set, no budget, the ordinary place in the queue. */
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
  name?: string | undefined;
};

// The smallest experiment of the paper, two seeds of it at half a percent of the schedule, on data that need no download.
export const START: StudyDraft = { recipe: "figure-1", seeds: 2, scale: 0.005, dataset: "digits" };

/** Reads an address's query. What is not understood is left out, and without a recipe it is the smallest start. */
export function readStudyDraft(query: Record<string, unknown>): StudyDraft {
  const { recipe, networks, reuse, queue } = query;
  if (typeof recipe !== "string") return START;
  const draft: StudyDraft = { recipe };
  for (const field of ["seeds", "scale", "budget", "priority"] as const) {
    const value = query[field];
    if (typeof value === "number" && Number.isFinite(value)) draft[field] = value;
  }
  for (const field of ["dataset", "name"] as const) {
    const value = query[field];
    if (typeof value === "string" || typeof value === "number") draft[field] = String(value);
  }
  if (queue === "cpu" || queue === "gpu") draft.queue = queue;
  // One alone comes as a text: ?networks=plain-20
  const labels = [networks].flat().filter((label) => typeof label === "string");
  if (labels.length > 0) draft.networks = labels;
  if (reuse === true) draft.reuse = true;
  return draft;
}

/** The body of `POST /studies`: what is absent stays absent. */
export const bodyOf = (draft: StudyDraft): StudyRequest =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined)) as StudyRequest;

/** Chosen networks in the recipe's order; all of them, or none, is no choice. */
export function chosen(all: readonly string[], labels: readonly string[]): string[] | undefined {
  const known = all.filter((label) => labels.includes(label));
  return known.length === 0 || known.length === all.length ? undefined : known;
}
