import { expect, test } from "vitest";
import { mistakesOf, shadesOf } from "./mistakes";

const classes = ["cat", "dog", "ship"];
const matrix = [
  [6, 4, 0],
  [2, 8, 0],
  [0, 0, 20],
];

test("the most frequent mistake comes first, and a count of zero is not a mistake", () => {
  expect(mistakesOf(classes, matrix)).toEqual([
    { label: "cat", prediction: "dog", count: 4, total: 10, share: 40 },
    { label: "dog", prediction: "cat", count: 2, total: 10, share: 20 },
  ]);
});

test("a correct cell is shaded by its share of the label's images, a wrong one relative to the worst mistake", () => {
  expect(shadesOf(matrix)).toEqual([
    [0.6, 1, 0],
    [0.5, 0.8, 0],
    [0, 0, 1],
  ]);
  expect(
    shadesOf([
      [0, 0],
      [0, 3],
    ]),
  ).toEqual([
    [0, 0],
    [0, 1],
  ]);
});
