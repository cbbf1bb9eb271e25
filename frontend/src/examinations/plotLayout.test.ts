import { expect, test } from "vitest";
import { plotted } from "./plotLayout";

test("layers run from the left edge to the right edge, and the largest value stays below the top", () => {
  const { points, numbers, bottom } = plotted({ layers: 3, most: 2 }, { width: 300, height: 180 });
  const [first, , last] = points([2, 1, 0]).map((point) => point.split(",").map(Number));
  expect([first?.[0], last]).toEqual([38, [292, bottom]]);
  expect(first?.[1]).toBeGreaterThan(8);
  expect(numbers.map(({ text }) => text)).toEqual(["1", "2", "3"]);
});

test("the line of a shallower network ends at its last layer", () => {
  const { points } = plotted({ layers: 5, most: 1 }, { width: 300, height: 180 });
  expect(points([1, 1, 1]).at(-1)).toMatch(/^165\.0,/);
});

test("crowded layer numbers are thinned out", () => {
  const { numbers } = plotted({ layers: 109, most: 1 }, { width: 350, height: 180 });
  expect(numbers.map(({ text }) => text).slice(0, 3)).toEqual(["1", "15", "30"]);
});
