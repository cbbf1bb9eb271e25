import { expect, test } from "vitest";
import type { Run } from "../../api/types";
import { cellText, layoutsOf } from "./paperLayout";

const run = (
  depth: number,
  shortcut: string,
  test_error: number | null,
  status = "succeeded",
  dataset = "cifar10",
) => ({ spec: { depth, shortcut, dataset }, last: { test_error }, best: {}, status }) as Run;

test("plain is left, residual right, one depth per row, and the seeds share a cell", () => {
  const runs = [
    run(56, "A", 7),
    run(20, "none", 9),
    run(20, "A", 8.6),
    run(20, "A", 8.8),
    run(56, "none", null),
  ];
  const [layout] = layoutsOf(runs, "test_error");
  expect(layout?.shortcuts).toEqual(["none", "A"]);
  expect(
    layout?.rows.map(({ depth, cells }) => [depth, ...cells.map((cell) => cell && cellText(cell))]),
  ).toEqual([
    [20, "9.00", "8.70±0.14 (n = 2)"],
    [56, undefined, "7.00"],
  ]);
});

test("errors on two data sets never share a table", () => {
  const layouts = layoutsOf([run(20, "A", 8), run(20, "A", 3, "running", "digits")], "test_error");
  expect(layouts.map(({ dataset }) => dataset)).toEqual(["cifar10", "digits"]);
  expect(layouts[1]?.rows[0]?.cells[0]?.stillTraining).toBe(1);
});
