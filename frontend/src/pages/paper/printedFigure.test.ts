import { expect, test } from "vitest";
import type { PaperFigure, PaperTable, Run } from "../../api/types";
import type { Figure } from "../../chart/figure";
import {
  closestOf,
  emptyFigure,
  isPanelled,
  laidInto,
  levelsOf,
  type Panelled,
  panelsIn,
} from "./printedFigure";

const printed = {
  number: 6,
  dataset: "cifar10",
  preset: "fig6",
  panels: ["plain", "ResNet", "110 and 1202"],
  panel_networks: [["plain-20"], ["ResNet-20 A", "ResNet-110 A"], ["ResNet-110 A"]],
  x: { label: "iter. (1e4)", low: 0, high: 6 },
} as unknown as Panelled;
const run = (id: string, depth: number, shortcut: string, dataset = "cifar10", status = "succeeded") =>
  ({ id, status, iterations: 64_000, departures: [], spec: { depth, shortcut, dataset } }) as unknown as Run;
const itself = (id: string) => id;

test("only a figure with panels of curves can be read", () => {
  expect(isPanelled(printed)).toBe(true);
  expect(isPanelled({ panels: ["a"], panel_networks: null } as unknown as PaperFigure)).toBe(false);
});

test("an empty figure has the printed axis in iterations", () => {
  expect(emptyFigure(printed, [])).toMatchObject({ x: [0, 60_000], panels: printed.panels, lines: [] });
});

test("a network of two panels is drawn in both, and its level stands in both", () => {
  const runs = [run("a", 110, "A"), run("b", 20, "none")];
  const overlay = { lines: [{ key: "a" }, { key: "b" }], x: [0, 64_000] } as unknown as Figure;
  expect(panelsIn(printed, runs).of.get("a")).toBe(1);
  const { lines, x } = laidInto(printed, overlay, runs, itself);
  expect(lines.map(({ key, panel }) => [key, panel])).toEqual([
    ["a", 1],
    ["a", 2],
    ["b", 0],
  ]);
  expect(x).toEqual([0, 64_000]);
  const value = { network: "ResNet-110 A", metric: "test error", value: 7, spread: null };
  const table = { values: [value] } as unknown as PaperTable;
  expect(levelsOf(printed, table, runs, itself).map(({ panel, keys }) => [panel, keys])).toEqual([
    [1, ["a"]],
    [2, ["a"]],
  ]);
  expect(levelsOf(printed, table, [], itself)).toHaveLength(2);
});

test("one click takes the longest and newest run of each network, on the figure's data before others", () => {
  const runs = [
    run("1", 20, "A", "cifar10", "running"),
    run("2", 20, "A"),
    { ...run("5", 20, "A"), iterations: 400 },
    run("3", 20, "none", "digits"),
    run("4", 20, "A", "digits"),
  ];
  expect(closestOf(printed, runs).map(({ id }) => id)).toEqual(["2"]);
  expect(closestOf(printed, runs.slice(3)).map(({ id }) => id)).toEqual(["3", "4"]);
  expect(closestOf(printed, [])).toEqual([]);
});
