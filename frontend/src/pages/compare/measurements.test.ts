import { expect, test } from "vitest";
import type { Run } from "../../api/client";
import { drawnAs, measurementsOf, standingOf } from "./measurements";

const measured = (id: string, status: Run["status"], ...runs: string[]) => ({ id, status, runs });

test("what has succeeded counts, else the newest", () => {
  const found = measurementsOf([
    measured("e", "failed", "a"),
    measured("d", "succeeded", "a"),
    measured("c", "queued", "b"),
    measured("b", "failed", "b"),
  ]);
  expect([found.get("a")?.id, found.get("b")?.id, found.get("c")]).toEqual(["d", "c", undefined]);
});

test("what failed may be asked again, of a run that has weights", () => {
  expect(standingOf({ status: "succeeded" }, measured("e", "failed", "a"))).toBe("to be measured");
  expect(standingOf({ status: "succeeded" }, measured("e", "running", "a"))).toBe("under way");
  expect(standingOf({ status: "succeeded" }, measured("e", "succeeded", "a"))).toBe("measured");
  expect(standingOf({ status: "running" }, undefined)).toBe("no weights");
});

test("plain networks are dashed and residual ones not, and two of one hue differ", () => {
  // As much of a run as a line needs.
  const run = (id: string, shortcut: string) => ({ id, spec: { shortcut } }) as Run;
  const runs = [run("a", "A"), run("b", "none"), run("c", "A"), run("d", "none")];
  const styles = new Map([
    ["a", { hue: 1, dash: 0 }],
    ["b", { hue: 1, dash: 1 }],
    ["c", { hue: 1, dash: 2 }],
    ["d", { hue: 2, dash: 0 }],
  ]);
  const dashes = [...drawnAs(runs, styles).values()].map(({ dash }) => dash);
  expect(dashes).toEqual([0, 1, 3, 1]);
});
