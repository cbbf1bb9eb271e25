// The part of the y axis that a chart shows: from 0, a fixed range, or without the rarest extremes.
import type { Figure, Values } from "../figure";
import { type ChartView, fixedRange } from "../view";

// Percentiles of the values: a diverged start must not flatten the rest of a curve.
const [RARE_LOW, RARE_HIGH] = [0.01, 0.99];
// The lowest end of a logarithmic axis; for a fixed range of errors it is 0.1 %, ten of CIFAR's test images.
const [LEAST, LEAST_ERROR] = [1e-3, 0.1];

export function rangeOf({ lines, references, unit }: Figure, view: ChartView): [number, number] {
  const fixed = unit === "%" ? fixedRange(view) : undefined;
  if (fixed) return drawable(fixed, view, LEAST_ERROR);
  const columns = lines.flatMap(({ points, shade, weight }) =>
    shade && weight !== "faint" ? [points.value, shade.high] : [points.value],
  );
  const { least, most } = ends(columns);
  if (most === Number.NEGATIVE_INFINITY) return isLogY(view) ? [1, 100] : [0, 1];
  if (view.y === "percentile") return drawable(percentiles(columns), view, LEAST);
  const top = Math.max(most, ...references.map(({ value }) => value));
  if (isLogY(view)) return [Math.max(Number.isFinite(least) ? least : 1, LEAST) * 0.9, top * 1.1];
  const high = top > 0 ? top * 1.04 : 1;
  return [0, unit === "%" ? Math.min(high, 100) : high];
}

/** The least value above 0 and the most, without sorting: a live chart needs them again with every point. */
function ends(columns: readonly Values[]): { least: number; most: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const column of columns)
    for (const value of column) {
      if (value === null || !Number.isFinite(value)) continue;
      if (value > 0 && value < least) least = value;
      if (value > most) most = value;
    }
  return { least, most };
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
