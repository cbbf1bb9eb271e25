import { expect, test } from "vitest";
import { axisOf } from "./axis";

test("ticks are round and hold every value", () => {
  const { ticks, at } = axisOf([6.55, 13.4]);
  expect(ticks).toEqual([6, 8, 10, 12, 14]);
  expect([at(6), at(14)]).toEqual([0, 1]);
});

test("values over two decades have a logarithmic axis", () => {
  const { ticks, at } = axisOf([0.001, 0.1]);
  expect(ticks).toEqual([0.001, 0.01, 0.1]);
  expect(at(0.01)).toBeCloseTo(0.5);
});

test("a single value has an axis too, also zero", () => {
  for (const value of [0, 20]) {
    const { ticks, at } = axisOf([value, value]);
    expect(ticks.length).toBeGreaterThan(1);
    expect(at(value)).toBeGreaterThanOrEqual(0);
    expect(at(value)).toBeLessThanOrEqual(1);
  }
});
