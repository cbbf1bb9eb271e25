// Unique names for the compared runs: people may give two runs the same name, but a figure needs different ones.
import type { Run } from "../api/types";
import { differingFields, fieldTitle, type SpecField, specText } from "../run/spec";

type Named = Pick<Run, "id" | "name" | "spec"> & Partial<Pick<Run, "origin">>;

/** Names by run id; runs with the same name get the fields added that tell them apart, or the ends of their ids. */
export function namesOf(runs: readonly Named[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const shared of new Set(runs.map(({ name }) => name))) {
    const namesakes = runs.filter(({ name }) => name === shared);
    const fields = namesakes.length > 1 ? distinguishing(namesakes) : [];
    for (const run of namesakes) {
      const differences = fields.map((field) => `${fieldTitle(field)} ${specText(run, field)}`);
      names.set(run.id, [run.name, ...(run.origin ? ["imported"] : []), ...differences].join(", "));
    }
  }
  const all = [...names.values()];
  for (const [id, name] of names)
    if (all.filter((other) => other === name).length > 1) names.set(id, `${name} …${id.slice(-4)}`);
  return names;
}

// Named only where nothing else tells two runs apart: they follow from others, or change nothing in a curve.
const LAST: readonly SpecField[] = ["schedule", "seed", "evaluate_every", "checkpoint_every", "log_every"];

/** As few of the differing fields as tell these runs apart: a name is read beside a curve. */
function distinguishing(runs: readonly Named[]): SpecField[] {
  const differing = differingFields(runs);
  const ordered = [
    ...differing.filter((field) => !LAST.includes(field)),
    ...LAST.filter((field) => differing.includes(field)),
  ];
  const chosen: SpecField[] = [];
  const count = (fields: readonly SpecField[]) =>
    new Set(runs.map(({ spec }) => JSON.stringify(fields.map((field) => spec[field])))).size;
  for (const field of ordered) if (count([...chosen, field]) > count(chosen)) chosen.push(field);
  return chosen;
}
