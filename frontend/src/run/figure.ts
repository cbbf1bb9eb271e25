// From the API's curves to the paper's Fig. 4: thin training error, bold validation error of the same colour.
import type { Curve, Run } from "../api/client";
import { plannedDrops, recordedDrops } from "../chart/drops";
import type { Figure, Line } from "../chart/plot";

export type ErrorCurves = Partial<Record<"train_error" | "val_error" | "test_error" | "lr", Curve>>;

/** Bold is validation; where no image was kept apart for it, test. */
export function figureOf(run: Run, curves: ErrorCurves): Figure {
  const { train_error, val_error, test_error, lr } = curves;
  const isEmpty = (curve: Curve | undefined): boolean => !curve || curve.iteration.length === 0;
  const bold = isEmpty(val_error)
    ? line("test error", "bold", test_error)
    : line("validation error", "bold", val_error);
  const planned = plannedDrops(run.spec);
  return {
    lines: [line("training error", "thin", train_error), bold],
    drops: planned.length > 0 || !lr ? planned : recordedDrops(lr.iteration, lr.mean),
    iterations: run.iterations,
  };
}

function line(name: string, weight: Line["weight"], curve: Curve | undefined): Line {
  const points = { at: curve?.iteration ?? [], value: curve?.mean ?? [] };
  const range = curve?.least && curve.most ? { low: curve.least, high: curve.most } : undefined;
  return { name, hue: 0, weight, points, range };
}
