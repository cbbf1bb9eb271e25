// The figures of a detector: its mean average precisions, its losses, and what its regions are.
import type { Run } from "../../../api/types";
import type { Figure } from "../../../chart/figure";
import { lineOf, positionOf } from "../../../chart/lines";
import { windowOf } from "../../../chart/query";
import { type ChartView, showsRange } from "../../../chart/view";
import { dropsOf, type RunCurves, withPosition } from "../../../run/errorFigure";

type Drawn = { series: string; name: string; weight?: "thin" | "bold" };
type Kind = { label: string; quantity: string; unit: string; lines: readonly Drawn[] };

const MAP: Kind = {
  label: "Mean average precision",
  quantity: "mAP",
  unit: "%",
  lines: [
    { series: "test_map", name: "test mAP", weight: "bold" },
    { series: "test_map_50_95", name: "test mAP@[.5,.95]" },
    { series: "val_map", name: "validation mAP", weight: "bold" },
    { series: "val_map_50_95", name: "validation mAP@[.5,.95]" },
  ],
};
const LOSS: Kind = {
  label: "Losses",
  quantity: "loss",
  unit: "",
  lines: [
    { series: "train_loss", name: "sum", weight: "bold" },
    { series: "rpn_class_loss", name: "proposals, object or not" },
    { series: "rpn_box_loss", name: "proposals, boxes" },
    { series: "class_loss", name: "regions, class" },
    { series: "box_loss", name: "regions, boxes" },
  ],
};
const FOREGROUND: Kind = {
  label: "Regions that are objects",
  quantity: "sampled regions",
  unit: "%",
  lines: [{ series: "foreground", name: "objects" }],
};
const RATE: Kind = {
  label: "Learning rate",
  quantity: "learning rate",
  unit: "",
  lines: [{ series: "lr", name: "learning rate" }],
};
export const MAIN = [MAP, LOSS];
export const MORE = [FOREGROUND, RATE];
export const SERIES = [...MAIN, ...MORE].flatMap(({ lines }) => lines.map(({ series }) => series));

/** A figure for each kind, without the lines that have no points. */
export function detectorFigures(
  run: Run,
  kinds: readonly Kind[],
  { step, series }: RunCurves,
  view: ChartView,
): Figure[] {
  const axis = view.x ?? "iteration";
  const drops = withPosition(dropsOf(run, series.lr), (at) => positionOf(at, axis, series.lr));
  return kinds.map(({ lines: drawn, ...kind }) => {
    const present = drawn.filter(({ series: name }) => (series[name]?.iteration.length ?? 0) > 0);
    const lines = present.map(({ series: name, name: title, weight = "thin" }, hue) =>
      lineOf(
        series[name],
        { key: name, legend: title, name: title, hue, dash: 0, weight },
        present.length === 1 && showsRange(view, 1),
      ),
    );
    return {
      ...kind,
      axis,
      lines,
      drops,
      moments: [],
      references: [],
      x: windowOf(view, run.iterations, lines),
      step,
      reached: run.iteration,
    };
  });
}
