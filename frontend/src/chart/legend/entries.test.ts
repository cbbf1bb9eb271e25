import { expect, test } from "vitest";
import { type Figure, isShown, type Line } from "../figure";
import { afterClick, afterDoubleClick, entriesOf, kindsOf } from "./entries";

const line = (key: string, weight: Line["weight"], dash = 0, panel = 0) =>
  ({
    key,
    legend: key,
    name: `${key}, ${weight === "bold" ? "test" : "training"}`,
    weight,
    dash,
    panel,
    hue: 1,
  }) as Line;
const figure = {
  panels: ["plain", "residual"],
  lines: [line("a", "thin", 1), line("a", "bold"), line("b", "faint"), line("b", "bold", 0, 1)],
} as unknown as Figure;

test("a legend lists each curve once, under its panel", () => {
  expect(entriesOf(figure).map(({ title, entries }) => [title, entries.map(({ key }) => key)])).toEqual([
    ["plain", ["a"]],
    ["residual", ["b"]],
  ]);
});

test("it says once what dashed and bold lines are", () => {
  expect(kindsOf(figure).map(({ name, weight, dash }) => [name, weight, dash])).toEqual([
    ["training", "thin", 1],
    ["test", "bold", 0],
  ]);
});

test("a click hides a curve, and the next one shows it", () => {
  expect(afterClick([], "a")).toEqual(["a"]);
  expect(afterClick(["a"], "a")).toBeUndefined();
});

test("a double-click shows a curve alone, and the next one shows all", () => {
  const keys = ["a", "b", "c"];
  expect(afterDoubleClick([], "b", keys)).toEqual(["a", "c"]);
  expect(afterDoubleClick(["b"], "b", keys)).toEqual(["a", "c"]);
  expect(afterDoubleClick(["a", "c"], "b", keys)).toBeUndefined();
});

test("all training lines can be hidden, or one curve", () => {
  const shown = (hide: string[]) => figure.lines.filter((one) => isShown(one, hide)).map(({ name }) => name);
  expect(shown(["all-thin"])).toEqual(["a, test", "b, training", "b, test"]); // the faint member is no training line
  expect(shown(["a"])).toEqual(["b, training", "b, test"]);
});
