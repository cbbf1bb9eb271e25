import { expect, test } from "vitest";
import { rangeOf } from "./canvas/range";
import type { Figure, Line } from "./figure";
import { DURATION_STEPS } from "./ticks";
import { type ChartView, type Log, readView, showsRange, tick, withOtherY } from "./view";

const line: Line = {
  key: "train_error",
  legend: "training error",
  name: "training error",
  hue: 0,
  dash: 0,
  weight: "thin",
  points: { at: Array.from({ length: 200 }, (_, i) => i), value: [90, ...Array(199).fill(10)] },
  iteration: [],
  behind: 200,
};
const figure: Figure = {
  label: "Error curves",
  quantity: "error",
  unit: "%",
  axis: "iteration",
  lines: [line],
  drops: [],
  moments: [],
  references: [],
  x: [0, 200],
  step: 1,
  reached: 200,
};

test("an old or broken link keeps its valid parts", () => {
  expect(readView({ preset: "fig9", x: "epoch", from: 9, to: 3, smooth: 7, marks: "yes" })).toEqual({
    x: "epoch",
  });
});

// Only the fields of the paper's figure that a chart reads.
const fig6 = {
  preset: "fig6",
  printed: {
    x: { label: "iter. (1e4)", low: 0, high: 6 },
    y: { label: "error (%)", low: 0, high: 20 },
    training: "dashed",
    bold: "test_error",
  },
} as ChartView;

test("a preset has the axes of the paper's figure", () => {
  expect(rangeOf(figure, fig6)).toEqual([0, 20]);
  expect(tick(64_000, fig6, 64_000)).toBe("6.4");
  expect(tick(1600, fig6, 3200)).toBe("1.6");
});

test("y begins at 0, and by percentile a rare extreme doesn't flatten the rest", () => {
  expect(rangeOf(figure, {})).toEqual([0, 93.60000000000001]);
  expect(rangeOf(figure, { y: "percentile" })[1]).toBeLessThan(20);
});

test("y turns logarithmic and back without changing x, and a logarithmic axis has no 0", () => {
  expect([undefined, "y", "x", "xy"].map((log) => withOtherY(log as Log))).toEqual([
    "y",
    undefined,
    "xy",
    "x",
  ]);
  expect(rangeOf(figure, { ...fig6, log: "y" })).toEqual([0.1, 20]);
});

test("the range of a bucket is shaded for one raw curve in the free form, and elsewhere by choice", () => {
  expect(showsRange({}, 1)).toBe(true);
  for (const [view, runs] of [
    [{}, 2],
    [{ preset: "fig4" }, 1],
    [{ preset: "fig6" }, 1],
    [{ smooth: 0.9 }, 1],
  ] as const) {
    expect(showsRange(view, runs)).toBe(false);
    expect(showsRange({ ...view, range: true }, runs)).toBe(true);
  }
});

test("an axis of durations has whole minutes, hours and days", () => {
  const texts = DURATION_STEPS.map((step) => tick(step, { x: "relative_time" }, 1e6));
  expect(texts).toEqual(expect.arrayContaining(["30 s", "5 min", "30 min", "1 h", "12 h", "1 d", "100 d"]));
  expect(texts.every((text) => /^\d+ (s|min|h|d)$/.test(text))).toBe(true);
});
