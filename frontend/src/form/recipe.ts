// Turns a recipe from the paper into a draft: the fields that the experiment varies, on the paper's data set.
import type { Recipe } from "../api/types";
import { networkName } from "../paper/network";
import { type Draft, readDraft } from "./draft";

export type Network = Recipe["networks"][number];

export function draftOf({ name, dataset }: Recipe, network: Network | undefined): Draft {
  if (!network) return { recipe: name, dataset };
  const { depth, shortcut, changes, first_seed } = network;
  // No warm-up is null in a specification and the choice "none" in a draft.
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

/** The label that studies use: "ResNet-110 A", "ResNet-110 A without warm-up". */
export const labelOf = (network: Network): string => `${networkName(network)}${network.suffix ?? ""}`;

/** The recipe's network that a draft matches: the most specific one; undefined if none matches. */
export function networkOf(recipe: Recipe, draft: Draft): Network | undefined {
  const fieldsOf = (network: Network) => Object.entries(draftOf(recipe, network));
  return recipe.networks
    .filter((network) => fieldsOf(network).every(([field, value]) => draft[field as keyof Draft] === value))
    .sort((a, b) => fieldsOf(b).length - fieldsOf(a).length)[0];
}
