// What part of y a chart shows: from 0, as fixed, or without the rarest extremes.
import type { Figure } from "./figure";
import { fixedRange, type View } from "./view";

// Of the values: a diverged start must not press the rest of a curve to the ground.
const [RARE_LOW, RARE_HIGH] = [0.01, 0.99];
// Where a logarithmic axis ends at the bottom; percent of error, where 0 was asked for: ten of CIFAR's test images.
const [LEAST, LEAST_ERROR] = [1e-3, 0.1];

export function rangeOf({ lines, references, unit }: Figure, view: View): [number, number] {
  const fixed = unit === "%" ? fixedRange(view) : undefined;
  if (fixed) return drawable(fixed, view, LEAST_ERROR);
  const values = lines.flatMap(({ points, shade, weight }) =>
    finite([...points.value, ...(weight === "faint" ? [] : (shade?.high ?? []))]),
  );
  if (values.length === 0) return isLogY(view) ? [1, 100] : [0, 1];
  values.sort((a, b) => a - b);
  const marked = references.map(({ value }) => value);
  if (view.y === "percentile")
    return drawable(padded(at(values, RARE_LOW), at(values, RARE_HIGH)), view, LEAST);
  const most = Math.max(at(values, 1), ...marked);
  if (isLogY(view)) return [Math.max(values.find((value) => value > 0) ?? 1, LEAST) * 0.9, most * 1.1];
  const high = most > 0 ? most * 1.04 : 1;
  return [0, unit === "%" ? Math.min(high, 100) : high];
}

/** A logarithmic axis has no 0. */
const drawable = ([low, high]: [number, number], view: View, least: number): [number, number] =>
  isLogY(view) ? [Math.max(low, least), Math.max(high, 10 * least)] : [low, high];

export const isLogX = ({ log }: View): boolean => log === "x" || log === "xy";
export const isLogY = ({ log }: View): boolean => log === "y" || log === "xy";

const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.round(part * (sorted.length - 1))] ?? 0;

function padded(low: number, high: number): [number, number] {
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  return [Math.max(low - room, 0), high + room];
}

const finite = (values: Iterable<number | null>): number[] =>
  [...values].filter((value): value is number => value !== null && Number.isFinite(value));
