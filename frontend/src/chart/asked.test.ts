import { expect, test } from "vitest";
import { windowOf } from "./asked";

const reaching = (...ends: number[]) => ends.map((end) => ({ points: { at: Float32Array.from([1, end]) } }));

test("a run that has just begun fills the chart, and one that has ended shows its whole schedule", () => {
  expect(windowOf({}, 64_000, reaching(900))).toEqual([0, 1000]);
  expect(windowOf({}, 64_000, reaching(900, 1200))).toEqual([0, 2000]);
  expect(windowOf({}, 64_000, reaching(32_001))).toEqual([0, 64_000]);
  expect(windowOf({}, 64_000, reaching(64_000))).toEqual([0, 64_000]);
  expect(windowOf({}, 64_000, [])).toEqual([0, 64_000]);
});

test("a preset has the paper's axis, and a window is what was zoomed to", () => {
  expect(windowOf({ preset: "fig6" }, 64_000, reaching(900))).toEqual([0, 64_000]);
  expect(windowOf({ from: 10, to: 20 }, 64_000, reaching(900))).toEqual([10, 20]);
});
