import { expect, test } from "vitest";
import type { Curve } from "../api/types";
import { bandOf, iterationAt, lineOf, positionOf } from "./lines";

const style = { key: "a", legend: "a", name: "training error", hue: 0, dash: 0, weight: "thin" } as const;
const curve: Curve = {
  iteration: Int32Array.of(1, 101, 201),
  x: Float64Array.of(10, 20, 40),
  mean: Float32Array.of(90, 60, 50),
  least: null,
  most: null,
  smoothed: Float32Array.of(90, 80, 70),
  points: 3,
  last: null,
};

test("a smoothed curve keeps the raw curve behind it", () => {
  const line = lineOf(curve, style);
  expect(line.points.value).toBe(curve.smoothed);
  expect(line.raw).toBe(curve.mean);
});

test("an iteration becomes a time and back, as far as the times are known", () => {
  expect(positionOf(151, "wall_time", curve)).toBe(30);
  expect(positionOf(301, "wall_time", curve)).toBeUndefined();
  expect(iterationAt(30, "wall_time", lineOf(curve, style))).toBe(151);
});

test("a mean over one seed has no spread, over several one standard deviation on either side", () => {
  const band = {
    ...curve,
    std: Float32Array.of(Number.NaN, 2, 3),
    sem: curve.mean,
    n: Int32Array.of(1, 2, 2),
  };
  const { shade } = bandOf({ ...band, least: curve.mean, most: curve.mean }, style);
  expect([...(shade?.low ?? [])]).toEqual([90, 58, 47]);
  expect([...(shade?.high ?? [])]).toEqual([90, 62, 53]);
});
