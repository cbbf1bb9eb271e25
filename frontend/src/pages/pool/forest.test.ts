import { expect, test } from "vitest";
import type { Pool } from "../../api/types";
import { scaleOf, sideOf, ticksIn, WIDTH } from "./forest";

const pool = {
  labs: [{ name: "A", errors: [8, 9], mean: 8.5, weight: 0.5 }],
  interval: [7.5, 9.5],
  prediction: null,
} as unknown as Pool;

test("every number of the pool is inside the plot", () => {
  const { x } = scaleOf(pool);
  for (const percent of [7.5, 8, 9, 9.5]) {
    expect(x(percent)).toBeGreaterThan(0);
    expect(x(percent)).toBeLessThan(WIDTH);
  }
  expect(scaleOf({ ...pool, prediction: [6, 11] }).x(6)).toBeGreaterThan(0);
});

test("ticks are round", () => {
  expect(ticksIn(7.4, 9.6)).toEqual([7.5, 8, 8.5, 9, 9.5]);
  expect(ticksIn(0, 100)).toEqual([0, 20, 40, 60, 80, 100]);
});

test("labs that agree exactly still have a scale", () => {
  const same = {
    labs: [{ errors: [8] }, { errors: [8] }],
    interval: [8, 8],
    prediction: null,
  } as unknown as Pool;
  expect(scaleOf(same).x(8)).toBeCloseTo(WIDTH / 2);
});

test("a square's area grows with the weight", () => {
  expect(sideOf({ weight: 1 })).toBeGreaterThan(sideOf({ weight: 0.25 }));
});
