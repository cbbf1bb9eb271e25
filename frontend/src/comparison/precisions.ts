// Detectors in a comparison: their mean average precisions are drawn in the place of errors.
import type { Curves, Run } from "../api/types";
import type { Figure } from "../chart/figure";

export const PRECISIONS = ["val_map", "test_map", "lr"] as const;

export const areDetectors = (runs: readonly Pick<Run, "task">[]): boolean =>
  runs.length > 0 && runs.every(({ task }) => task === "detection");

const renamed = <T>(series: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(series).map(([name, curve]) => [name.replace("_map", "_error"), curve]));

/** The same curves under the names of errors. */
export const asErrors = (curves: Curves): Curves => ({
  ...curves,
  runs: curves.runs.map((run) => ({ ...run, series: renamed(run.series) })),
  groups: curves.groups.map((group) => ({ ...group, series: renamed(group.series) })),
});

/** The figure of such curves: it says what is drawn, and has no line for the training error. */
export const ofPrecisions = (figure: Figure): Figure => ({
  ...figure,
  label: "Mean average precision",
  quantity: "mAP",
  lines: figure.lines.filter(({ weight }) => weight !== "thin"),
});
