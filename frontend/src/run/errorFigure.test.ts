import { expect, test } from "vitest";
import type { Curve, Run } from "../api/types";
import type { ChartView } from "../chart/view";
import { figureOf as figureIn, type RunCurves } from "./errorFigure";

const curve = (iteration: number[], mean: number[]): Curve => ({
  iteration: Int32Array.from(iteration),
  mean: Float32Array.from(mean),
  least: null,
  most: null,
  smoothed: null,
  x: null,
  last: null,
  points: mean.length,
});
// Only the fields that a figure depends on.
const run = {
  id: "a",
  main_error: "val_error",
  iterations: 400,
  spec: { lr: 0.1, dataset: "cifar10" },
  planned_drops: [
    { iteration: 200, lr: 0.01 },
    { iteration: 300, lr: 0.001 },
  ],
} as unknown as Run;

const fig6 = { preset: "fig6", printed: { training: "dashed", bold: "test_error" } } as ChartView;
const figureOf = (of: Run, curves: RunCurves) => figureIn(of, curves, {});

test("training is thin and validation is bold, in one colour, with the schedule's drops", () => {
  const series = {
    train_error: curve([1, 2], [90, 80]),
    val_error: curve([2], [85]),
    test_error: curve([2], [86]),
  };
  const figure = figureOf(run, { step: 1, series });
  expect(figure.lines.map(({ name, weight, hue }) => [name, weight, hue])).toEqual([
    ["training error", "thin", 0],
    ["validation error", "bold", 0],
  ]);
  expect(figure.drops.map(({ iteration }) => iteration)).toEqual([200, 300]);
});

test("without validation images the bold curve is the test error", () => {
  const series = { train_error: curve([1, 2], [90, 80]), test_error: curve([2], [86]) };
  const withoutValidation = { ...run, main_error: "test_error" } as Run;
  expect(figureOf(withoutValidation, { step: 1, series }).lines[1]).toMatchObject({
    name: "test error",
    points: { value: Float32Array.of(86) },
  });
});

test("a plateau's drops are read from the recorded rates", () => {
  const plateau = { ...run, planned_drops: [] };
  const figure = figureOf(plateau, { step: 1, series: { lr: curve([1, 2, 3], [0.1, 0.1, 0.01]) } });
  expect(figure.drops).toEqual([{ iteration: 3, x: 3, before: Math.fround(0.1), lr: Math.fround(0.01) }]);
});

test("buckets keep their extremes", () => {
  const train_error = {
    ...curve([1, 65], [50, 40]),
    least: Float32Array.of(30, 20),
    most: Float32Array.of(70, 60),
  };
  const [training] = figureOf(run, { step: 64, series: { train_error } }).lines;
  expect(training?.shade).toEqual({ low: Float32Array.of(30, 20), high: Float32Array.of(70, 60) });
});

test("a preset shows the paper's bold error and draws training as the paper does", () => {
  const series = { train_error: curve([1], [9]), val_error: curve([1], [8]), test_error: curve([1], [7]) };
  const { lines } = figureIn(run, { step: 1, series }, fig6);
  expect(lines.map(({ name, dash }) => [name, dash])).toEqual([
    ["training error", 1],
    ["test error", 0],
  ]);
});
