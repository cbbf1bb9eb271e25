import { expect, test } from "vitest";
import { mistakesOf, shadesOf } from "./mistakes";

const classes = ["cat", "dog", "ship"];
const matrix = [
  [6, 4, 0],
  [2, 8, 0],
  [0, 0, 20],
];

test("the most frequent mistake comes first, and what never happens is none", () => {
  expect(mistakesOf(classes, matrix)).toEqual([
    { label: "cat", guess: "dog", count: 4, of: 10, share: 40 },
    { label: "dog", guess: "cat", count: 2, of: 10, share: 20 },
  ]);
});

test("what is right is shaded by its part of the label's images, what is wrong by the worst mistake", () => {
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
