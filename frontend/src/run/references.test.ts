import { expect, test } from "vitest";
import type { PaperTable } from "../api/types";
import { isInTable, publishedOf } from "./references";

// Made-up numbers: those that the paper prints are typed in only once, in the paper's tables.
const value = (network: string, metric: string, value: number) =>
  ({ network, metric, value }) as PaperTable["values"][number];
const table = {
  values: [
    value("ResNet-20 A", "layers", 20),
    value("ResNet-20 A", "test error", 12),
    value("ResNet-56 A", "test error", 11),
  ],
};
const run = (...severities: ("departure" | "warning")[]) => ({
  spec: { depth: 20, shortcut: "A" as const },
  departures: severities.map((severity) => ({ severity })),
});

test("a run is compared with the paper's test error of its network", () => {
  expect(publishedOf([run("warning")], table, ["a"])).toEqual([
    { name: "paper, ResNet-20 A: 12.00", value: 12, keys: ["a"] },
  ]);
});

test("the paper's number is marked beside a run with another protocol", () => {
  expect(publishedOf([run(), run("departure")], table, ["a"])).toEqual([
    { name: "paper, ResNet-20 A: 12.00 (another protocol)", value: 12, keys: ["a"] },
  ]);
});

test("a single run is compared with the mean of five runs, and the best is only said", () => {
  const five = { ...value("ResNet-20 A", "test error", 11), spread: { mean: 12, std: 0.5, runs: 5 } };
  expect(publishedOf([run()], { values: [five] }, ["a"])).toEqual([
    { name: "paper, ResNet-20 A: 12.00 ± 0.50 (best of 5: 11.00)", value: 12, spread: 0.5, keys: ["a"] },
  ]);
});

test("the paper's line stands only beside the test error of a run on CIFAR-10", () => {
  expect(isInTable({ spec: { dataset: "cifar10" } }, "test_error")).toBe(true);
  expect(isInTable({ spec: { dataset: "cifar10" } }, "val_error")).toBe(false);
  expect(isInTable({ spec: { dataset: "cifar10-jpeg75" } }, "test_error")).toBe(false);
});
