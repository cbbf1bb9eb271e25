// What the compared runs are called: names of people's choosing may be equal, names in a figure may not.
import type { Run } from "../../api/client";
import { differing, titled, written } from "../../run/spec";

type Named = Pick<Run, "id" | "name" | "spec">;

/** Of each id its run's name; runs of one name are told apart by what differs between them, or by their ids' ends. */
export function namesOf(runs: readonly Named[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const shared of new Set(runs.map(({ name }) => name))) {
    const namesakes = runs.filter(({ name }) => name === shared);
    const fields = namesakes.length > 1 ? differing(namesakes) : [];
    for (const { id, name, spec } of namesakes)
      names.set(id, [name, ...fields.map((field) => `${titled(field)} ${written(spec[field])}`)].join(", "));
  }
  const told = [...names.values()];
  for (const [id, name] of names)
    if (told.filter((other) => other === name).length > 1) names.set(id, `${name} …${id.slice(-4)}`);
  return names;
}
