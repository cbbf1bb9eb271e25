// The layout of a forest plot: a row for each lab, and the pooled mean with its intervals below.
import type { Pool } from "../../api/types";

export const ROW = 26;
export const WIDTH = 520;
const PADDING = 0.06;

export type ForestRow = {
  name: string;
  /** Percent. */
  mean: number;
  errors: readonly number[];
  /** The lab's share of the pooled mean, 0 to 1. */
  weight: number;
};

export type Scale = (percent: number) => number;

/** From percent to pixels, wide enough for every number of the pool. */
export function scaleOf({ labs, interval, prediction }: Pool): { x: Scale; ticks: number[] } {
  const all = [...labs.flatMap(({ errors }) => errors), ...interval, ...(prediction ?? [])];
  const low = Math.max(0, Math.min(...all));
  const high = Math.max(...all);
  const margin = Math.max(high - low, 0.1) * PADDING;
  const [left, right] = [low - margin, high + margin];
  return { x: (percent) => ((percent - left) / (right - left)) * WIDTH, ticks: ticksIn(left, right) };
}

/** Four to nine round numbers. */
export function ticksIn(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** The side of a lab's square, in pixels: its area is its weight. */
export const sideOf = ({ weight }: Pick<ForestRow, "weight">): number => 4 + 14 * Math.sqrt(weight);
