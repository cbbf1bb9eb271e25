// Turns the API's curves of a run into the paper's figure: training and validation error in one colour.
import type { Curve, Run } from "../api/types";
import { type Drop, plannedDrops, recordedDrops } from "../chart/drops";
import type { Figure, Moment, Reference } from "../chart/figure";
import { lineOf, positionOf } from "../chart/lines";
import { windowOf } from "../chart/query";
import { type ChartView, pickedHues, showsRange, trainingDash } from "../chart/view";

export const ERRORS = ["train_error", "val_error", "test_error", "lr"] as const;
export type Series = Partial<Record<string, Curve>>;
/** The API's curves; in a curve of buckets, each bucket has `step` iterations. */
export type RunCurves = { step: number; series: Series };
type Around = { moments: readonly { iteration: number; text: string }[]; references: readonly Reference[] };

/** The error that is drawn bold: the run's main error, unless the paper's figure shows the test error. */
export const boldError = (
  { main_error }: Pick<Run, "main_error">,
  { printed }: ChartView,
): Run["main_error"] => (printed?.bold === "test_error" ? printed.bold : main_error);

/** The key of the only curve. */
export const RUN = "run";
const NAMES = { val_error: "validation error", test_error: "test error" } as const;

/** The training error beside the bold error, with the learning-rate drops and what is `around` the curves. */
export function figureOf(
  run: Run,
  { step, series }: RunCurves,
  view: ChartView,
  { moments, references }: Around = { moments: [], references: [] },
  epochPerIteration?: number,
): Figure {
  const { train_error, lr } = series;
  const axis = view.x ?? "iteration";
  const bold = boldError(run, view);
  const hasRange = showsRange(view, 1);
  const style = { key: RUN, legend: run.name, hue: pickedHues(view).get(RUN) ?? 0 };
  const lines = [
    lineOf(
      train_error,
      { ...style, name: "training error", weight: "thin", dash: trainingDash(view) },
      hasRange,
    ),
    lineOf(series[bold], { ...style, name: NAMES[bold], weight: "bold", dash: 0 }, hasRange),
  ];
  const position = (iteration: number) => positionOf(iteration, axis, lr ?? train_error);
  return {
    label: "Error curves",
    quantity: "error",
    unit: "%",
    runs: [{ id: run.id, key: RUN }],
    datasets: [run.spec.dataset],
    axis,
    lines,
    drops: withPosition(dropsOf(run, lr), position),
    moments: withPosition(moments, position) satisfies Moment[],
    references,
    x: windowOf(view, run.iterations, lines),
    step,
    reached: run.iteration,
    ...(lr && { rates: { at: lr.iteration, lr: lr.mean, epoch: epochPerIteration ?? 0 } }),
  };
}

/** The planned drops; of a plateau, which plans none, the recorded ones. */
export function dropsOf({ planned_drops, spec }: Run, lr: Curve | undefined): Drop[] {
  return planned_drops.length > 0 || !lr ? plannedDrops(planned_drops, spec.lr) : recordedDrops(lr);
}

/** The marks with their positions on the axis, without those whose position is not known. */
export function withPosition<T extends { iteration: number }>(
  marks: readonly T[],
  position: (iteration: number) => number | undefined,
): (T & { x: number })[] {
  return marks.flatMap((mark) => {
    const x = position(mark.iteration);
    return x === undefined ? [] : [{ ...mark, x }];
  });
}
