// From the API's curves of a run to the paper's figures: training error and validation error of the same colour.
import type { Curve, Run } from "../api/client";
import { type Drop, recordedDrops } from "../chart/drops";
import type { Figure, Moment, Reference } from "../chart/figure";
import { lineOf, placeOf } from "../chart/lines";
import { hueOf } from "../chart/look";
import { windowOf } from "../chart/query";
import type { View } from "../chart/view";

export const ERRORS = ["train_error", "val_error", "test_error", "lr"] as const;
export type Series = Partial<Record<string, Curve>>;
/** As the API gives them; a curve of buckets has `step` iterations in each. */
export type RunCurves = { step: number; series: Series };
type Around = { moments: readonly { iteration: number; text: string }[]; references: readonly Reference[] };

/** Bold is validation; test where no image was kept apart for it, and in Fig. 6, whose training is dashed. */
export function figureOf(
  run: Run,
  { step, series }: RunCurves,
  view: View,
  { moments, references }: Around = { moments: [], references: [] },
  epochPerIteration?: number,
): Figure {
  const { train_error, val_error, test_error, lr } = series;
  const axis = view.x ?? "iteration";
  const isTest = view.preset === "fig6" || !val_error || val_error.iteration.length === 0;
  const style = { hue: hueOf(run.id), dash: 0 };
  const dashed = view.preset === "fig6" ? 1 : 0;
  const lines = [
    lineOf(train_error, { ...style, name: "training error", weight: "thin", dash: dashed }),
    isTest
      ? lineOf(test_error, { ...style, name: "test error", weight: "bold" })
      : lineOf(val_error, { ...style, name: "validation error", weight: "bold" }),
  ];
  const place = (iteration: number) => placeOf(iteration, axis, lr ?? train_error);
  return {
    label: "Error curves",
    quantity: "error",
    unit: "%",
    axis,
    lines,
    drops: placed(dropsOf(run, lr), place),
    moments: placed(moments, place) satisfies Moment[],
    references,
    x: windowOf(view, run.iterations, lines),
    step,
    reached: run.iteration,
    ...(lr && { rates: { at: lr.iteration, lr: lr.mean, epoch: epochPerIteration ?? 0 } }),
  };
}

/** The planned drops; of a plateau, which plans none, the recorded ones. */
export function dropsOf({ planned_drops }: Run, lr: Curve | undefined): Drop[] {
  return planned_drops.length > 0 || !lr ? planned_drops : recordedDrops(lr.iteration, lr.mean);
}

export function placed<T extends { iteration: number }>(
  marks: readonly T[],
  place: (iteration: number) => number | undefined,
): (T & { x: number })[] {
  return marks.flatMap((mark) => {
    const x = place(mark.iteration);
    return x === undefined ? [] : [{ ...mark, x }];
  });
}
