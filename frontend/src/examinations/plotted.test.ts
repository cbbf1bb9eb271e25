import { expect, test } from "vitest";
import { plotted } from "./plotted";

test("layers run from the left edge to the right one, and the largest value stays below the top", () => {
  const { points, numbers, bottom } = plotted([2, 1, 0], 2, { width: 300, height: 180 });
  const [first, , last] = points.map((point) => point.split(",").map(Number));
  expect([first?.[0], last]).toEqual([38, [292, bottom]]);
  expect(first?.[1]).toBeGreaterThan(8);
  expect(numbers.map(({ text }) => text)).toEqual(["1", "2", "3"]);
});

test("where there is no room for every number, some are left out", () => {
  const { numbers } = plotted(Array(109).fill(1), 1, { width: 350, height: 180 });
  expect(numbers.map(({ text }) => text).slice(0, 3)).toEqual(["1", "15", "30"]);
});
