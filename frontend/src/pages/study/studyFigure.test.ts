import { expect, test } from "vitest";
import type { Curves, StudyMember } from "../../api/types";
import { readingOf } from "../../chart/readout/readings";
import type { ChartView } from "../../chart/view";
import { figureOf } from "./studyFigure";

const column = (...values: number[]) => Float32Array.from(values);
const band = {
  iteration: column(1, 65),
  x: null,
  mean: column(50, 40),
  smoothed: null,
  least: column(49, 39),
  most: column(51, 41),
  n: column(2, 2),
  std: column(1, 1),
  sem: column(1, 1),
  points: 2,
  last: null,
};
const labels = ["plain-20", "ResNet-20 A", "ResNet-56 A"];
const members = labels.map((label, run) => ({ run: `${run}`, label, iteration: 65, iterations: 65 }));
const groups = members.map(({ run }) => ({ runs: [run], series: { train_error: band, test_error: band } }));
const fig6 = { preset: "fig6", printed: { training: "dashed" } } as ChartView;
const figure = (preset: "free" | "fig6") =>
  figureOf(
    { step: 64, runs: [], groups } as unknown as Curves,
    { members: members as unknown as StudyMember[], dataset: "cifar10" },
    preset === "fig6" ? fig6 : {},
  );

test("no two lines of a panel look the same, although a depth has one colour", () => {
  for (const preset of ["free", "fig6"] as const) {
    const { lines } = figure(preset);
    const [plain, , residual, , deeper] = lines;
    expect(plain?.hue).toBe(residual?.hue);
    expect(plain?.hue).not.toBe(deeper?.hue);
    const looks = lines.map(({ panel, hue, dash, weight }) => `${panel} ${hue} ${dash} ${weight}`);
    expect(new Set(looks).size).toBe(6);
  }
});

test("a bucket of one iteration is labelled with that iteration", () => {
  const { lines, ...rest } = figure("free");
  const [line] = lines;
  expect(line && readingOf(line, { ...rest, lines }, 1).at).toBe("1–64");
  expect(line && readingOf(line, { ...rest, lines }, undefined).at).toBe("65");
});
