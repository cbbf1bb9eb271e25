import { expect, test } from "vitest";
import { countUpTo, lastBefore, merge } from "./grid";

test("series of different iterations share one ascending grid without losing a point", () => {
  const grid = merge([
    { at: [1, 2, 3, 4], value: [90, 80, 70, 60] },
    { at: [2, 5], value: [75, 55] },
  ]);
  expect(grid).toEqual([
    [1, 2, 3, 4, 5],
    [90, 80, 70, 60, undefined],
    [undefined, 75, undefined, undefined, 55],
  ]);
});

test("series on the same grid are not copied", () => {
  const [at, other] = [Int32Array.of(1, 2), Int32Array.of(1, 2)];
  const [errors, rates] = [Float32Array.of(90, Number.NaN), Float32Array.of(75, 55)];
  const [x, ...columns] = merge([
    { at, value: errors },
    { at: other, value: rates },
    { at: Int32Array.of(), value: Float32Array.of() },
  ]);
  expect(x).toBe(at);
  expect(columns[0]).toBe(errors);
  expect(columns[1]).toBe(rates);
  expect(columns[2]).toEqual([undefined, undefined]);
});

test("a hole in a series stays a hole", () => {
  expect(merge([{ at: [1, 2], value: [90, null] }])).toEqual([
    [1, 2],
    [90, null],
  ]);
});

test("a chart without series has an empty grid", () => {
  expect(merge([])).toEqual([[]]);
  expect(merge([{ at: [], value: [] }])).toEqual([[], []]);
});

test("the value at a cursor is the last one at or before it", () => {
  const column = [undefined, 75, undefined, null, 55];
  expect(lastBefore(column, 3)).toBe(1);
  expect(lastBefore(column, 9)).toBe(4);
  expect(lastBefore(column, 0)).toBeUndefined();
});

test("the points up to a position are counted", () => {
  const counts = [0, 1, 2, 5, 9].map((x) => countUpTo([1, 2, 5], x));
  expect(counts).toEqual([0, 1, 2, 3, 3]);
  expect(countUpTo([], 1)).toBe(0);
});
