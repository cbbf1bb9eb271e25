import { expect, test } from "vitest";
import { inBlocks, rowsInSight } from "./window";

test("of ten thousand rows, only those in and near sight are drawn", () => {
  expect(rowsInSight(0, 500, 50, 10_000)).toEqual({ first: 0, last: 16 });
  expect(rowsInSight(5000, 500, 50, 10_000)).toEqual({ first: 94, last: 116 });
  expect(rowsInSight(499_500, 500, 50, 10_000)).toEqual({ first: 9984, last: 10_000 });
});

test("a list that became shorter than the scroll position draws its end", () => {
  expect(rowsInSight(5000, 500, 50, 3)).toEqual({ first: 3, last: 3 });
  expect(rowsInSight(0, 500, 50, 0)).toEqual({ first: 0, last: 0 });
});

test("a scroll within a block fetches nothing new", () => {
  expect(inBlocks({ first: 26, last: 49 })).toEqual({ first: 25, last: 50 });
  expect(inBlocks({ first: 30, last: 51 })).toEqual({ first: 25, last: 75 });
});
