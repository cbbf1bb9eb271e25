// The learning-rate changes that a chart marks: a schedule's planned drops, or those that a recorded curve shows.
import type { Numbers, Points } from "./canvas/grid";

type Values = Points["value"];

/** At `iteration` the rate goes from `before` to `lr`. */
export type Drop = { iteration: number; before: number; lr: number };

/** A schedule's planned drops, from the rate that it begins with. */
export const plannedDrops = (planned: readonly Omit<Drop, "before">[], lr: number): Drop[] =>
  planned.map((drop, nth) => ({ ...drop, before: planned[nth - 1]?.lr ?? lr }));

type Rates = { iteration: Numbers; mean: Values; least: Values | null; most: Values | null };

/** The changes in a recorded column of rates. A bucket with two rates is one of a drop, and its mean is neither. */
export function recordedDrops({ iteration: at, mean, least, most }: Rates): Drop[] {
  const drops: Drop[] = [];
  let before: number | undefined;
  for (const [index, rate] of mean.entries()) {
    const iteration = at[index];
    if (rate === null || iteration === undefined || least?.[index] !== most?.[index]) continue;
    if (before !== undefined && Math.abs(rate - before) > 1e-6 * before)
      drops.push({ iteration, before, lr: rate });
    before = rate;
  }
  return drops;
}

/** "lr 0.1 → 0.01", "lr 0.001 → 1e-4" */
export const label = ({ before, lr }: Pick<Drop, "before" | "lr">): string =>
  `lr ${short(before)} → ${short(lr)}`;

/** The label, and what of it fits into less room: "lr 0.01". */
export const labels = (drop: Drop): string[] => [label(drop), `lr ${short(drop.lr)}`];

const short = (rate: number): string => {
  const rounded = Number(rate.toPrecision(3));
  return rounded >= 0.001 ? `${rounded}` : rounded.toExponential();
};
