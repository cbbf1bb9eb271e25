// From the API's curves to the paper's Fig. 4: thin training error, bold validation error of the same colour.
import type { Curve, Run } from "../api/client";
import { plannedDrops, recordedDrops } from "../chart/drops";
import type { Figure, Line } from "../chart/plot";

type Series = "train_error" | "val_error" | "test_error" | "lr";
/** As the API gives them; a curve of buckets has `step` iterations in each. */
export type ErrorCurves = { step: number; series: Partial<Record<Series, Curve>> };

/** Bold is validation; where no image was kept apart for it, test. */
export function figureOf(run: Run, { step, series }: ErrorCurves): Figure {
  const { train_error, val_error, test_error, lr } = series;
  const hasValidation = val_error !== undefined && val_error.iteration.length > 0;
  const planned = plannedDrops(run.spec);
  return {
    lines: [
      line("training error", "thin", train_error, step),
      hasValidation
        ? line("validation error", "bold", val_error, step)
        : line("test error", "bold", test_error, step),
    ],
    drops: planned.length > 0 || !lr ? planned : recordedDrops(lr.iteration, lr.mean),
    iterations: run.iterations,
    reached: run.iteration,
  };
}

function line(name: string, weight: Line["weight"], curve: Curve | undefined, step: number): Line {
  const points = { at: curve?.iteration ?? [], value: curve?.mean ?? [] };
  if (!curve?.least || !curve.most) return { name, hue: 0, weight, points };
  return { name, hue: 0, weight, points, buckets: { step, low: curve.least, high: curve.most } };
}
