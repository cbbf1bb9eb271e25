import { expect, test } from "vitest";
import type { Run } from "../../../api/types";
import { groupNamed } from "./fields";
import { groupsOf, spreadOf, spreadText } from "./groups";

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
