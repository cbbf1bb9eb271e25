// Which of the compared runs have their layers' responses measured, and how each is drawn.
import type { Examination, Run } from "../../api/client";
import { isOpen } from "../../run/progress";

type Measurement = Pick<Examination, "id" | "runs" | "status">;

/** Of each run what was asked of it: what has succeeded, else the newest. `examinations` come the newest first. */
export function measurementsOf<M extends Measurement>(examinations: readonly M[]): Map<string, M> {
  const found = new Map<string, M>();
  for (const one of examinations)
    for (const run of one.runs) {
      const known = found.get(run);
      if (!known || (known.status !== "succeeded" && one.status === "succeeded")) found.set(run, one);
    }
  return found;
}

export type Standing = "measured" | "under way" | "to be measured" | "no weights";

/** What failed or was cancelled may be asked again; a run that has not succeeded has no weights to ask. */
export function standingOf({ status }: Pick<Run, "status">, measurement: Measurement | undefined): Standing {
  if (measurement?.status === "succeeded") return "measured";
  if (measurement && isOpen(measurement)) return "under way";
  return status === "succeeded" ? "to be measured" : "no weights";
}

type Drawn = { hue: number; dash: number };
// Among dashes: solid and dash-dot are residual, dashed and dotted plain.
const RESIDUAL = [0, 3];
const PLAIN = [1, 2];

/** Plain networks are dashed, residual ones not; those that share a hue besides differ in their kind of line. */
export function drawnAs(
  runs: readonly Pick<Run, "id" | "spec">[],
  styles: ReadonlyMap<string, Drawn>,
): Map<string, Drawn> {
  const drawn = new Map<string, Drawn>();
  const nth = new Map<string, number>();
  for (const { id, spec } of runs) {
    const { hue, dash } = styles.get(id) ?? { hue: 0, dash: 0 };
    const kinds = spec.shortcut === "none" ? PLAIN : RESIDUAL;
    const shared = `${hue} ${spec.shortcut === "none"}`;
    const look = `${shared} ${dash}`; // runs of one value of the field that colours look the same
    const place = nth.get(look) ?? [...nth.keys()].filter((other) => other.startsWith(`${shared} `)).length;
    nth.set(look, place);
    drawn.set(id, { hue, dash: kinds[place % kinds.length] ?? 0 });
  }
  return drawn;
}
