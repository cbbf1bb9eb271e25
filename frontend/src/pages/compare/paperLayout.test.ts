import { expect, test } from "vitest";
import type { Run } from "../../api/types";
import { cellText, layoutsOf } from "./paperLayout";

let seed = 0;
const run = (
  depth: number,
  shortcut: string,
  test_error: number | null,
  status = "succeeded",
  changes: object = {},
) => {
  const spec = {
    depth,
    shortcut,
    dataset: "cifar10",
    iterations: 64_000,
    seed: seed++,
    warmup: null,
    ...changes,
  };
  return { id: `${seed}`, spec, last: { test_error }, best: {}, status, departures: [] } as unknown as Run;
};

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
  const layouts = layoutsOf(
    [run(20, "A", 8), run(20, "A", 3, "running", { dataset: "digits" })],
    "test_error",
  );
  expect(layouts.map(({ dataset }) => dataset)).toEqual(["cifar10", "digits"]);
  expect(layouts[1]?.rows[0]?.cells[0]?.stillTraining).toBe(1);
});

test("errors after two lengths of training never share a cell or a table", () => {
  const layouts = layoutsOf(
    [run(20, "A", 8), run(20, "A", 60, "succeeded", { iterations: 400 })],
    "test_error",
  );
  expect(layouts.map(({ setting }) => setting)).toEqual(["iterations 64,000", "iterations 400"]);
  expect(layouts.map(({ rows }) => rows[0]?.cells[0]?.n)).toEqual([1, 1]);
});

test("an import and a fork have tables of their own", () => {
  const imported = { ...run(20, "A", 7), origin: { unknown: ["momentum"] } } as Run;
  const fork = { ...run(20, "A", 6), parent_iteration: 32_000 } as Run;
  const layouts = layoutsOf([run(20, "A", 8), imported, fork], "test_error");
  expect(layouts.map(({ setting }) => setting)).toEqual([
    "",
    "imported",
    "started from a checkpoint at iteration 32000",
  ]);
  expect(layouts[1]?.notes).toEqual(["1 run was imported: the protocol is declared, not checked."]);
});

test("a cell says how many of its runs count, which seeds repeat, and in what they differ", () => {
  const text = (...runs: Run[]) => {
    const cell = layoutsOf(runs, "test_error")[0]?.rows[0]?.cells[0];
    return cell && cellText(cell);
  };
  expect(text(run(20, "A", 8), run(20, "A", 90, "failed"), run(20, "A", null))).toBe("8.00 (n = 1 of 3)");
  expect(text(run(20, "A", 8, "succeeded", { seed: 0 }), run(20, "A", 8, "succeeded", { seed: 0 }))).toBe(
    "8.00±0.00 (n = 2, 1 seed)",
  );
  expect(text(run(110, "A", 6), run(110, "A", 7, "succeeded", { warmup: { lr: 0.01 } }))).toBe(
    "6.50±0.71 (n = 2, differ in warmup)",
  );
  expect(text(run(20, "A", 8, "running"))).toBe("8.00 *");
});

test("departures from the paper go along, each once", () => {
  const departures = [{ field: "batch_size", message: "The paper uses 128.", severity: "departure" }];
  const runs = [run(20, "A", 8), run(32, "A", 8)].map((own) => ({ ...own, departures }) as unknown as Run);
  expect(layoutsOf(runs, "test_error")[0]?.notes).toEqual([
    "Departures from the paper: batch size: The paper uses 128.",
  ]);
});
