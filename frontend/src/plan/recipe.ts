// A network of a recipe as a draft: what the experiment itself varies, on the paper's data.
import type { Recipe } from "../api/client";
import { type Draft, readDraft } from "./draft";

export function draftOf({ dataset }: Recipe, network: Recipe["networks"][number] | undefined): Draft {
  if (!network) return { dataset };
  const { depth, shortcut, changes } = network;
  // A warm-up that is taken away is null in a specification, and a choice in a draft.
  const warmup = changes?.warmup === null ? "none" : undefined;
  return readDraft({ ...changes, depth, shortcut, dataset, warmup });
}
