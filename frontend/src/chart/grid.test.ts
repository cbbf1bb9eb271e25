import { expect, test } from "vitest";
import { lastBefore, merge } from "./grid";

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

test("a hole in a series stays a hole", () => {
  expect(merge([{ at: [1, 2], value: [90, null] }])).toEqual([
    [1, 2],
    [90, null],
  ]);
});

test("no series make an empty grid", () => {
  expect(merge([])).toEqual([[]]);
  expect(merge([{ at: [], value: [] }])).toEqual([[], []]);
});

test("the value at a cursor is the last one at or before it", () => {
  const column = [undefined, 75, undefined, null, 55];
  expect(lastBefore(column, 3)).toBe(1);
  expect(lastBefore(column, 9)).toBe(4);
  expect(lastBefore(column, 0)).toBeUndefined();
});
