import { expect, test } from "vitest";
import type { Figure, Line } from "../figure";
import { printUrl } from "./print";

const line = (key: string, name: string, part: Partial<Line>): Line => ({
  key,
  legend: name,
  name: `${name}, test`,
  hue: 0,
  dash: 0,
  weight: "bold",
  points: { at: [1], value: [5] },
  iteration: [1],
  behind: 1,
  ...part,
});
const figure = {
  unit: "%",
  panels: ["plain", "residual"],
  runs: [
    { id: "A", key: "a" },
    { id: "B", key: "b" },
    { id: "C", key: "hidden" },
  ],
  lines: [
    line("a", "plain-20 & co", { hue: 3, panel: 0 }),
    line("a", "plain-20 & co", { hue: 3, dash: 1, weight: "thin", panel: 0 }),
    line("b", "ResNet-20 A", { hue: 6, panel: 1 }),
  ],
  references: [{ name: "paper", value: 8.5, keys: ["b"] }],
  drops: [{ iteration: 32000, before: 0.1, lr: 0.01, x: 32000 }],
  moments: [{ x: 1200, text: "attempt 2" }],
} as unknown as Figure;
const parametersOf = (url: string | undefined) => new URL(url ?? "", "http://x").searchParams;

test("the service is asked for the view: each shown run with its look, panel and name", () => {
  const view = { preset: "fig6", smooth: 0.9, from: 10, to: 99, x: "epoch", log: "y" } as const;
  const query = parametersOf(printUrl("pdf", figure, view, [0, 20.004]));
  expect(query.getAll("run")).toEqual(["A", "B"]);
  expect(query.getAll("look")).toEqual(["3.0", "6.0"]);
  expect(query.getAll("panel")).toEqual(["plain", "residual"]);
  expect(query.getAll("name")).toEqual(["plain-20 & co", "ResNet-20 A"]);
  expect(query.getAll("level")).toEqual(["8.50@1:paper"]);
  expect(query.getAll("drop")).toEqual(["32000:lr 0.1 → 0.01"]);
  expect(query.getAll("mark")).toEqual(["1200:attempt 2"]);
  expect(Object.fromEntries(query)).toMatchObject({
    preset: "fig6",
    smoothing: "0.9",
    from: "10",
    to: "99",
    x: "epoch",
    log: "y",
    low: "0",
    high: "20",
  });
  expect(query.has("training")).toBe(false);
});

test("lines that are hidden as a kind are not drawn, and curves of no run have no figure", () => {
  const bold = { ...figure, lines: figure.lines.filter(({ weight }) => weight === "bold") };
  expect(parametersOf(printUrl("svg", bold, {}, [0, 20])).get("training")).toBe("false");
  expect(printUrl("svg", { ...figure, lines: [] }, {}, [0, 20])).toBeUndefined();
  expect(printUrl("svg", { ...figure, unit: "GB" }, {}, [0, 20])).toBeUndefined();
});
