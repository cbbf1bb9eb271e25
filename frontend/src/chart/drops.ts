// The learning-rate changes that a chart marks: those a schedule plans, and those a plateau or a warm-up made.
import type { Numbers, Points } from "./canvas/grid";

export type Drop = { iteration: number; lr: number };

type Spec = {
  lr: number;
  schedule?: { kind: "steps"; at: readonly number[]; factor: number } | { kind: "plateau" } | undefined;
};

/** The drops that a step schedule plans; a plateau's are known only when they happen. */
export function plannedDrops({ lr, schedule }: Spec): Drop[] {
  if (schedule?.kind !== "steps") return [];
  return schedule.at.map((iteration, index) => ({ iteration, lr: lr * schedule.factor ** (index + 1) }));
}

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
