import { expect, test } from "vitest";
import type { PaperTable, Run } from "../api/types";
import { distanceOf } from "./fromPaper";

// Made-up numbers: those that the paper prints are typed in only once, in the paper's tables.
const value = (network: string, value: number, spread?: { mean: number; std: number }) =>
  ({ network, metric: "test error", value, ...(spread && { spread }) }) as PaperTable["values"][number];
const table = { values: [value("ResNet-20 A", 12), value("ResNet-56 A", 10, { mean: 11, std: 0.5 })] };
const run = (depth: number, changes: Partial<Run["spec"]> = {}, severity?: "departure" | "warning") => ({
  status: "succeeded" as const,
  spec: { depth, shortcut: "A" as const, dataset: "cifar10", ...changes } as Run["spec"],
  departures: (severity ? [{ severity }] : []) as Run["departures"],
  last: { val_error: null, test_error: 12.5 },
});

test("the distance is ours minus the paper's, beside its mean where it has one", () => {
  expect(distanceOf(run(20), table)?.points).toBe(0.5);
  expect(distanceOf(run(56), table)).toMatchObject({ points: 1.5, theirs: 11, network: "ResNet-56 A" });
});

test("only departures, not warnings, make it another protocol", () => {
  expect(distanceOf(run(20, {}, "warning"), table)?.departs).toBe(false);
  expect(distanceOf(run(20, {}, "departure"), table)?.departs).toBe(true);
});

test("other data, other networks and runs that still train have no distance", () => {
  expect(distanceOf(run(20, { dataset: "cifar10-jpeg75" }), table)).toBeUndefined();
  expect(distanceOf(run(32), table)).toBeUndefined();
  expect(distanceOf({ ...run(20), status: "running" }, table)).toBeUndefined();
});
