// Unique names for the compared runs: people may give two runs the same name, but a figure needs different ones.
import type { Run } from "../api/client";
import { differingFields, fieldTitle, specText } from "../run/spec";

type Named = Pick<Run, "id" | "name" | "spec"> & Partial<Pick<Run, "origin">>;

/** Names by run id; runs with the same name get their differing fields added, or the ends of their ids. */
export function namesOf(runs: readonly Named[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const shared of new Set(runs.map(({ name }) => name))) {
    const namesakes = runs.filter(({ name }) => name === shared);
    const fields = namesakes.length > 1 ? differingFields(namesakes) : [];
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
