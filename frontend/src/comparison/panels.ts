// The panels of a comparison: one for each value of a field, side by side, as the paper prints plain beside residual.

import type { Comparison } from "../address/comparison";
import { SHORTCUTS, type Shortcut } from "../address/listing";
import type { Run } from "../api/types";
import { networkOf } from "../paper/network";
import { differingFields, fieldText, fieldTitle } from "../run/spec";

/** The field that tells plain from residual networks, which is none of the specification's own. */
export const KIND = "kind";
// More panels would be too small to read.
export const MOST_PANELS = 6;

/** The panels' titles, and the panel of each run. */
export type Panels = { titles: string[]; of: ReadonlyMap<string, number> };
type Specified = Pick<Run, "id" | "spec">;

/** The field that a view splits by. The presets put plain beside residual, as printed, unless the reader chose. */
export function splitOf(runs: readonly Specified[], { split, preset }: Pick<Comparison, "split" | "preset">) {
  const chosen = split ?? (preset ? KIND : undefined);
  if (!chosen || chosen === "off") return undefined;
  const count = fieldValues(runs, chosen).length;
  return count > 1 && count <= MOST_PANELS ? chosen : undefined;
}

/** One panel without a title where nothing is split. */
export function panelsOf(runs: readonly Specified[], split: string | undefined): Panels {
  if (!split) return { titles: [""], of: new Map(runs.map(({ id }) => [id, 0])) };
  const values = fieldValues(runs, split);
  return {
    titles: values.map((value) => titleOf(split, value)),
    of: new Map(runs.map((run) => [run.id, values.indexOf(fieldValue(run, split))])),
  };
}

function titleOf(split: string, value: string): string {
  if (split === "shortcut" && value === "none") return "plain";
  return split === KIND || split === "dataset" ? value : `${fieldTitle(split)} ${value}`;
}

/** The fields by which these runs can be split, with their titles. */
export function splitsOf(runs: readonly Specified[]): { value: string; label: string }[] {
  const fields = [KIND, ...differingFields(runs)].filter((field) => {
    const count = fieldValues(runs, field).length;
    return count > 1 && count <= MOST_PANELS;
  });
  return fields.map((value) => ({ value, label: value === KIND ? "plain | residual" : fieldTitle(value) }));
}

/** A field's value as text; a field that a specification doesn't have is none. */
export function fieldValue({ spec }: Pick<Run, "spec">, field: string): string {
  if (field === KIND) return networkOf(spec).shortcut === "none" ? "plain" : "residual";
  return fieldText(field in spec ? spec[field as keyof Run["spec"]] : undefined);
}

/** In order: plain before residual, fewer layers before more, A before B. */
function fieldValues(runs: readonly Specified[], field: string): string[] {
  const first = new Map(
    runs.map((run) => [fieldValue(run, field), run.spec[field as keyof Run["spec"]]] as const),
  );
  const rank = (value: string) => {
    const raw = first.get(value);
    return typeof raw === "number" ? raw : SHORTCUTS.indexOf(raw as Shortcut); // −1 for what is no shortcut
  };
  return [...first.keys()].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}
