// A recipe of the paper as the start of a draft: what the experiment itself varies, on the paper's data.
import type { Recipe } from "../api/client";
import { type Draft, readDraft } from "./draft";

export type Network = Recipe["networks"][number];

export function draftOf({ name, dataset }: Recipe, network: Network | undefined): Draft {
  if (!network) return { recipe: name, dataset };
  const { depth, shortcut, changes, first_seed } = network;
  // A warm-up that is taken away is null in a specification, and a choice in a draft.
  const warmup = changes?.warmup === null ? "none" : undefined;
  return readDraft({
    ...changes,
    depth,
    shortcut,
    dataset,
    warmup,
    seed: first_seed || undefined,
    recipe: name,
  });
}

/** As a study labels it: "ResNet-110 A", "ResNet-110 A without warm-up". */
export const labelOf = ({ depth, shortcut, suffix }: Network): string =>
  `${shortcut === "none" ? `plain-${depth}` : `ResNet-${depth} ${shortcut}`}${suffix ?? ""}`;

/** Which of the recipe's networks a draft still is: of several the one that says most; undefined for none of them. */
export function networkOf(recipe: Recipe, draft: Draft): Network | undefined {
  const told = (network: Network) => Object.entries(draftOf(recipe, network));
  return recipe.networks
    .filter((network) => told(network).every(([field, value]) => draft[field as keyof Draft] === value))
    .sort((one, other) => told(other).length - told(one).length)[0];
}
