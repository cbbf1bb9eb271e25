import { expect, test } from "vitest";
import type { Run } from "../../../api/types";
import { groupNamed } from "./fields";
import { cautionsOf, groupsOf, spreadOf, spreadText } from "./groups";

const run = (depth: number, test_error: number | null, status: Run["status"] = "succeeded") =>
  ({ status, spec: { depth, shortcut: "A" }, last: { test_error, val_error: null }, train_error: 1 }) as Run;

test("a group has the mean and the sample's spread of its finished runs, and counts all", () => {
  const runs = [run(110, 6), run(20, 8), run(20, 9), run(20, 50, "running")];
  const [first, second] = groupsOf(runs, groupNamed("network").of);
  expect([first?.value, second?.value]).toEqual(["ResNet-20 A", "ResNet-110 A"]);
  expect(first?.runs).toHaveLength(3);
  const errors = first?.errors.test_error;
  expect(errors).toMatchObject({ n: 2, mean: 8.5, least: 8 });
  expect(errors && spreadText(errors)).toBe("8.50 ± 0.71");
});

test("one run has no spread, and none has no mean", () => {
  const spread = spreadOf([null, 6]);
  expect(spread && spreadText(spread)).toBe("6.00");
  expect(spreadOf([null])).toBeUndefined();
});

test("a mean says that its runs differ in more than seeds, repeat one, or are imports or forks", () => {
  const of = (seed: number, changes: object = {}) =>
    ({
      id: `${Math.random()}`,
      spec: { depth: 20, lr: 0.1, seed },
      parent_iteration: null,
      ...changes,
    }) as Run;
  expect(cautionsOf([of(0), of(1)])).toEqual([]);
  expect(cautionsOf([of(0), of(1, { spec: { depth: 20, lr: 0.5, seed: 1 } })])).toEqual(["differ in lr"]);
  const other = of(1, { spec: { depth: 32, lr: 0.5, seed: 1, init: 1, augment: 1, schedule: 1, warmup: 1 } });
  expect(cautionsOf([other, of(0)])[0]).toBe("differ in depth, lr, init, augment and 2 other fields");
  expect(cautionsOf([of(0), of(0), of(1)])).toEqual(["only 2 different seeds"]);
  const imported = of(2, { origin: { unknown: [] } });
  expect(cautionsOf([of(0), of(1, { parent_iteration: 5 }), imported])).toEqual([
    "1 imported",
    "1 fork of other runs",
  ]);
});
