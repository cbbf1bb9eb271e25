// Which of the compared runs have measured layer responses, and how their lines look.

import type { Examination, Run } from "../../api/types";
import { networkOf } from "../../paper/network";
import { isOpen } from "../../run/progress";

type Measurement = Pick<Examination, "id" | "runs" | "status">;

/** Each run's measurement: the newest that has succeeded, else the newest. `examinations` have the newest first. */
export function measurementsOf<M extends Measurement>(examinations: readonly M[]): Map<string, M> {
  const byRun = new Map<string, M>();
  for (const examination of examinations)
    for (const run of examination.runs) {
      const newer = byRun.get(run);
      if (!newer || (newer.status !== "succeeded" && examination.status === "succeeded"))
        byRun.set(run, examination);
    }
  return byRun;
}

export type MeasurementState = "measured" | "under way" | "to be measured" | "no weights";

/** A measurement that failed or was cancelled can be repeated; a run that has not succeeded has no weights. */
export function stateOf(
  { status }: Pick<Run, "status">,
  measurement: Measurement | undefined,
): MeasurementState {
  if (measurement?.status === "succeeded") return "measured";
  if (measurement && isOpen(measurement)) return "under way";
  return status === "succeeded" ? "to be measured" : "no weights";
}

type Stroke = { hue: number; dash: number };
// Indexes of dashes: residual networks are solid or dash-dotted, plain networks dashed or dotted.
const RESIDUAL = [0, 3];
const PLAIN = [1, 2];

/** Plain networks are dashed and residual networks are not; networks that share a hue differ in their dashes. */
export function strokesOf(
  runs: readonly Pick<Run, "id" | "spec">[],
  styles: ReadonlyMap<string, Stroke>,
): Map<string, Stroke> {
  const strokes = new Map<string, Stroke>();
  const ranks = new Map<string, number>();
  for (const { id, spec } of runs) {
    const { hue, dash } = styles.get(id) ?? { hue: 0, dash: 0 };
    const kinds = networkOf(spec).shortcut === "none" ? PLAIN : RESIDUAL;
    const shared = `${hue} ${kinds === PLAIN}`;
    const look = `${shared} ${dash}`; // runs with the same value of the colouring field look the same
    const rank =
      ranks.get(look) ?? [...ranks.keys()].filter((other) => other.startsWith(`${shared} `)).length;
    ranks.set(look, rank);
    strokes.set(id, { hue, dash: kinds[rank % kinds.length] ?? 0 });
  }
  return strokes;
}
