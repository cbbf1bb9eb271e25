// The part of the y axis that a chart shows: from 0, as printed, fitting, a fixed range, or without the rarest extremes.
import type { Figure, Values } from "../figure";
import type { ChartView } from "../view";

// Percentiles of the values: a diverged start must not flatten the rest of a curve.
const [RARE_LOW, RARE_HIGH] = [0.01, 0.99];
// The lowest end of a logarithmic axis; for a fixed range of errors it is 0.1 %, ten of CIFAR's test images.
const [LEAST, LEAST_ERROR] = [1e-3, 0.1];

export function rangeOf(figure: Figure, view: ChartView): [number, number] {
  const { lines, references, unit } = figure;
  const form = formOf(figure, view);
  if (unit === "%" && view.y === "fixed")
    return drawable([view.low ?? 0, view.high ?? 100], view, LEAST_ERROR);
  if (form === "printed" && view.printed?.y)
    return drawable([view.printed.y.low, view.printed.y.high], view, LEAST_ERROR);
  const columns = columnsOf(lines);
  const { least, most } = ends(columns);
  if (most === Number.NEGATIVE_INFINITY) return isLogY(view) ? [1, 100] : [0, unit === "%" ? 100 : 1];
  if (form === "fitting") return drawable(fitting(figure, view), view, LEAST_ERROR);
  if (view.y === "percentile") return drawable(percentiles(columns), view, LEAST);
  const top = Math.max(most, ...references.map(({ value }) => value));
  if (isLogY(view)) return [Math.max(Number.isFinite(least) ? least : 1, LEAST) * 0.9, top * 1.1];
  const high = top > 0 ? top * 1.04 : 1;
  return [0, unit === "%" ? Math.min(high, 100) : high];
}

const columnsOf = (lines: Figure["lines"]): Values[] =>
  lines.flatMap(({ points, shade, weight }) =>
    shade && weight !== "faint" ? [points.value, shade.high] : [points.value],
  );

/** How a preset sets the y axis of errors: as printed where the data are the paper's, else fitting; never against the reader. */
function formOf(
  { unit, datasets = [] }: Figure,
  { printed, y }: ChartView,
): "printed" | "fitting" | undefined {
  if (unit !== "%" || y || !printed?.y) return undefined;
  return datasets.every((name) => name === printed.dataset) ? "printed" : "fitting";
}

// The share of the axis after which errors have fallen far enough to share a scale, as in a study's figure.
const SETTLED = 0.1;

/** Whole tens around all errors after the first tenth of the axis; from 0 where the printed axis begins there. */
function fitting({ lines, x: [first, last] }: Figure, { printed }: ChartView): [number, number] {
  const from = first + SETTLED * (last - first);
  const settled = lines.map(({ points }) =>
    points.value.slice(points.at.findIndex((at: number) => at >= from)),
  );
  const { least, most } = ends(settled.some(({ length }) => length > 0) ? settled : columnsOf(lines));
  const high = Math.min(Math.max(10 * Math.ceil(most / 10), 10), 100);
  const low = printed?.y?.low && Number.isFinite(least) ? 10 * Math.floor(least / 10) : 0;
  return [Math.min(low, high - 10), high];
}

/** Which range a preset shows, and which curves are above it: "Fig. 6's range, 0–20 %." */
export function rangeSentences(figure: Figure, view: ChartView): string[] {
  const form = formOf(figure, view);
  if (!form || !view.printed?.y) return [];
  const [low, high] = rangeOf(figure, view);
  const number = `Fig. ${view.printed.number}`;
  const others = [...new Set(figure.datasets)].filter((name) => name !== view.printed?.dataset);
  const above = figure.lines.filter(
    ({ points, weight }) =>
      weight !== "faint" && points.value.length > 0 && ends([points.value]).lowest > high,
  );
  return [
    form === "printed"
      ? `${number}'s printed range, ${low}–${high} %.`
      : `A range that fits, ${low}–${high} %: ${number}'s is printed for ${view.printed.dataset}, and these runs are trained on ${others.join(", ")}.`,
    ...(above.length > 0
      ? [`Above ${high} % and not in view: ${above.map(({ name }) => name).join("; ")}.`]
      : []),
  ];
}

/** The least value above 0, the lowest and the most, without sorting: a live chart needs them again with every point. */
function ends(columns: readonly Values[]): { least: number; lowest: number; most: number } {
  let [least, lowest, most] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const column of columns)
    for (const value of column) {
      if (value === null || !Number.isFinite(value)) continue;
      if (value < lowest) lowest = value;
      if (value > 0 && value < least) least = value;
      if (value > most) most = value;
    }
  return { least, lowest, most };
}

function percentiles(columns: readonly Values[]): [number, number] {
  const values = columns.flatMap((column) => finite(column)).sort((a, b) => a - b);
  return withMargin(at(values, RARE_LOW), at(values, RARE_HIGH));
}

/** A logarithmic axis has no 0. */
const drawable = ([low, high]: [number, number], view: ChartView, least: number): [number, number] =>
  isLogY(view) ? [Math.max(low, least), Math.max(high, 10 * least)] : [low, high];

export const isLogX = ({ log }: ChartView): boolean => log === "x" || log === "xy";
export const isLogY = ({ log }: ChartView): boolean => log === "y" || log === "xy";

const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.round(part * (sorted.length - 1))] ?? 0;

function withMargin(low: number, high: number): [number, number] {
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  return [Math.max(low - room, 0), high + room];
}

const finite = (values: Iterable<number | null>): number[] =>
  [...values].filter((value): value is number => value !== null && Number.isFinite(value));
