import { expect, test } from "vitest";
import type { Figure, Line } from "../figure";
import type { ChartView } from "../view";
import { rangeSentences } from "./range";

const line = (name: string, values: number[]): Line => ({
  key: name,
  legend: name,
  name: `${name}, test`,
  hue: 0,
  dash: 0,
  weight: "bold",
  points: { at: values.map((_, i) => i), value: values },
  iteration: [],
  behind: values.length,
});
const figure: Figure = {
  label: "Error curves",
  datasets: ["cifar10"],
  quantity: "error",
  unit: "%",
  axis: "iteration",
  lines: [line("ResNet-20 A", [90, 30, 9])],
  drops: [],
  moments: [],
  references: [],
  x: [0, 2],
  step: 1,
  reached: 2,
};
// Only the fields of the paper's figure that a range reads.
const fig6 = {
  preset: "fig6",
  printed: { number: 6, dataset: "cifar10", y: { low: 0, high: 20 } },
} as ChartView;

test("a preset says that its range is the printed one on the figure's own data", () => {
  expect(rangeSentences(figure, fig6)).toEqual(["Fig. 6's printed range, 0–20 %."]);
});

test("on other data it says that its range fits, and for which data the printed one is", () => {
  expect(rangeSentences({ ...figure, datasets: ["digits"] }, fig6)).toEqual([
    "A range that fits, 0–30 %: Fig. 6's is printed for cifar10, and these runs are trained on digits.",
  ]);
});

test("a curve above the printed range is named, as the paper names plain-110", () => {
  const lines = [...figure.lines, line("plain-110", [90, 70, 61])];
  expect(rangeSentences({ ...figure, lines }, fig6)[1]).toBe("Above 20 % and not in view: plain-110, test.");
});

test("no range is said where the reader chose one", () => {
  expect(rangeSentences(figure, { ...fig6, y: "zero" })).toEqual([]);
});
