import { expect, test } from "vitest";
import type { Run } from "../../api/types";
import { measurementsOf, stateOf, strokesOf } from "./measurements";

const measured = (id: string, status: Run["status"], ...runs: string[]) => ({ id, status, runs });

test("the newest measurement that succeeded counts, else the newest", () => {
  const byRun = measurementsOf([
    measured("e", "failed", "a"),
    measured("d", "succeeded", "a"),
    measured("c", "queued", "b"),
    measured("b", "failed", "b"),
  ]);
  expect([byRun.get("a")?.id, byRun.get("b")?.id, byRun.get("c")]).toEqual(["d", "c", undefined]);
});

test("a failed measurement can be repeated where the run has weights", () => {
  expect(stateOf({ status: "succeeded" }, measured("e", "failed", "a"))).toBe("to be measured");
  expect(stateOf({ status: "succeeded" }, measured("e", "running", "a"))).toBe("under way");
  expect(stateOf({ status: "succeeded" }, measured("e", "succeeded", "a"))).toBe("measured");
  expect(stateOf({ status: "running" }, undefined)).toBe("no weights");
});

test("plain networks are dashed, residual networks are not, and two with one hue differ", () => {
  // Only the fields that a line needs.
  const run = (id: string, shortcut: string) => ({ id, spec: { shortcut } }) as Run;
  const runs = [run("a", "A"), run("b", "none"), run("c", "A"), run("d", "none")];
  const styles = new Map([
    ["a", { hue: 1, dash: 0 }],
    ["b", { hue: 1, dash: 1 }],
    ["c", { hue: 1, dash: 2 }],
    ["d", { hue: 2, dash: 0 }],
  ]);
  const dashes = [...strokesOf(runs, styles).values()].map(({ dash }) => dash);
  expect(dashes).toEqual([0, 1, 3, 1]);
});
