import { expect, test } from "vitest";
import { queryOf, windowOf } from "./query";

const reaching = (...ends: number[]) => ends.map((end) => ({ points: { at: Float32Array.from([1, end]) } }));

test("a run that has just begun fills the chart, and one that has ended shows its whole schedule", () => {
  expect(windowOf({}, 64_000, reaching(900))).toEqual([0, 1000]);
  expect(windowOf({}, 64_000, reaching(900, 1200))).toEqual([0, 2000]);
  expect(windowOf({}, 64_000, reaching(32_001))).toEqual([0, 64_000]);
  expect(windowOf({}, 64_000, reaching(64_000))).toEqual([0, 64_000]);
  expect(windowOf({}, 64_000, [])).toEqual([0, 64_000]);
});

test("a preset has the paper's axis, and a zoom sets the window", () => {
  expect(windowOf({ preset: "fig6" }, 64_000, reaching(900))).toEqual([0, 64_000]);
  expect(windowOf({ from: 10, to: 20 }, 64_000, reaching(900))).toEqual([10, 20]);
});

test("a run that has just begun is queried only as far as it is drawn, other runs as the address says", () => {
  const to = (iteration: number, view = {}) =>
    queryOf(["a"], ["train_error"], view, { iteration, iterations: 5000 }).to;
  expect(to(300)).toBe(313);
  expect(windowOf({}, 5000, reaching(300))).toEqual([0, 313]);
  expect([to(0), to(5000), to(300, { preset: "fig4" }), to(300, { x: "epoch" })]).toEqual(
    Array(4).fill(undefined),
  );
  expect(to(300, { from: 5, to: 20 })).toBe(20);
});
