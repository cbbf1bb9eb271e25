// The learning-rate changes that a chart marks: a schedule's planned drops, or those that a recorded curve shows.
import type { Numbers, Points } from "./canvas/grid";

export type Drop = { iteration: number; lr: number };

/** The changes in a recorded column of rates. */
export function recordedDrops(at: Numbers, lr: Points["value"]): Drop[] {
  const drops: Drop[] = [];
  let before: number | undefined;
  for (const [index, rate] of lr.entries()) {
    const iteration = at[index];
    if (rate === null || iteration === undefined) continue;
    if (before !== undefined && Math.abs(rate - before) > 1e-6 * before) drops.push({ iteration, lr: rate });
    before = rate;
  }
  return drops;
}

/** 0.001 → "lr 0.001", 0.1 · 0.1³ → "lr 1e-4" */
export function label({ lr }: Drop): string {
  const short = Number(lr.toPrecision(3));
  return `lr ${short >= 0.001 ? short : short.toExponential()}`;
}
