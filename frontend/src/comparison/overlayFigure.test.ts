import { expect, test } from "vitest";
import { readComparison } from "../address/comparison";
import type { Curves, Run } from "../api/types";
import { difference, readingOf, referencesAt } from "../chart/readout/readings";
import { looksOf, overlayOf } from "./overlayFigure";

const run = (id: string, depth: number, seed: number) =>
  ({
    id,
    name: `n${depth}`,
    main_error: "test_error",
    spec: { depth, seed },
    planned_drops: [{ iteration: 2, lr: 0.01 }],
    iteration: 4,
    iterations: 4,
  }) as unknown as Run;
const runs = [run("a", 20, 0), run("b", 20, 1), run("c", 56, 0)];

const column = (...values: number[]) => Float32Array.from(values);
const curve = {
  iteration: column(1, 4),
  x: null,
  mean: column(50, 40),
  smoothed: null,
  least: null,
  most: null,
  points: 2,
  last: null,
};
const series = { train_error: curve, test_error: curve };
const band = {
  ...curve,
  n: column(2, 2),
  std: column(1, 1),
  sem: column(1, 1),
  least: column(49, 39),
  most: column(51, 41),
};
const answerOf = (groups: string[][]) =>
  ({
    step: 1,
    runs: groups.length > 0 ? [] : runs.map(({ id }) => ({ run: id, attempts: [], series })),
    groups: groups.map((members) => ({
      group: {},
      runs: members,
      series: { train_error: band, test_error: band },
    })),
  }) as unknown as Curves;
const around = { references: [], epoch: undefined };

test("runs with the same value of the colouring field have the same colour", () => {
  const { lines } = overlayOf(runs, { runs: answerOf([]), groups: undefined }, { color: "depth" }, around);
  const [a, , b, , c] = lines;
  expect(lines.map(({ name }) => name)).toContain("n20, seed 1, test");
  expect([a?.hue, a?.dash]).toEqual([b?.hue, 0]);
  expect(b?.dash).toBe(1);
  expect(a?.hue).not.toBe(c?.hue);
});

test("runs with one colour differ in their dashes", () => {
  const plain = (id: string, seed: number) => {
    const { spec, ...rest } = run(id, 20, seed);
    return { ...rest, spec: { ...spec, shortcut: "none" } } as Run;
  };
  const looks = looksOf([...runs, plain("d", 0), plain("e", 1)], { color: "depth" });
  const [residual, seed, , other, otherSeed] = [...looks.values()];
  for (const look of [seed, other, otherSeed]) expect(look?.hue).toBe(residual?.hue);
  expect([residual, seed, other, otherSeed].map((look) => look?.dash)).toEqual([0, 1, 2, 3]);
});

test("a run's two curves differ only in their weight, and no two runs look the same", () => {
  const { lines, drops } = overlayOf(runs, { runs: answerOf([]), groups: undefined }, {}, around);
  const looks = lines.map(({ hue, dash, weight }) => `${hue} ${dash} ${weight}`);
  expect(new Set(looks).size).toBe(6);
  expect(drops.map(({ iteration }) => iteration)).toEqual([2]);
});

test("seeds become one mean with its n, and are drawn faintly behind it", () => {
  const groups = answerOf([["a", "b"], ["c"]]);
  const { lines } = overlayOf(runs, { runs: answerOf([]), groups }, {}, around);
  const bold = lines.filter(({ weight }) => weight === "bold").map(({ name }) => name);
  expect(bold).toEqual(["n20 (n = 2), test", "n56 (n = 1), test"]);
  expect(lines.filter(({ weight }) => weight === "faint")).toHaveLength(3);
});

test("a pinned run is a level, and the other runs are compared with it, training with training", () => {
  const curves = answerOf([]);
  const lower = { ...curve, mean: column(49, 37) };
  const first = curves.runs[0];
  if (first) first.series = { train_error: lower, test_error: { ...curve, mean: column(50, 38) } };
  const figure = overlayOf(runs, { runs: curves, groups: undefined }, { pin: "a" }, around);
  const [reference] = referencesAt(figure, undefined);
  expect([reference?.name, reference?.value]).toEqual(["n20, seed 0", 38]);
  const differences = (x?: number) =>
    referencesAt(figure, x).flatMap((level) =>
      figure.lines.slice(2, 4).map((line) => difference(readingOf(line, figure, x), level)),
    );
  expect(differences()).toEqual([3, 2]);
  expect(differences(2)).toEqual([1, 0]);
});

test("a link can only pin a run that it compares", () => {
  const [run, other] = ["0", "1"].map((end) => `01a20dd0-065b-7837-b1b7-9c6e6b7fc20${end}`);
  expect(readComparison({ run: [run], pin: run }).pin).toBe(run);
  expect(readComparison({ run: [run], pin: other }).pin).toBeUndefined();
});

test("a link keeps all its runs, also where they are too many for one comparison", () => {
  const linked = Array.from({ length: 45 }, (_, i) => `01a20dd0-065b-7837-b1b7-9c6e6b7fc2${10 + i}`);
  expect(readComparison({ run: linked, pin: linked[44] })).toMatchObject({ run: linked, pin: undefined });
});

test("two runs of different depths have the colours of their depths", () => {
  const [first, second] = looksOf([run("a", 20, 0), run("c", 56, 0)], {}).values();
  expect([first?.hue, second?.hue]).toEqual([3, 1]);
});
