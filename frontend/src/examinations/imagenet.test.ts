import { expect, test } from "vitest";
import type { PaperTable, Run } from "../api/types";
import { imagenetDistances } from "./imagenet";

// Made-up numbers: those that the paper prints are typed in only once, in the paper's tables.
const printed = (number: number, protocol: string, value: number, network = "ResNet-34 A") =>
  ({
    table: { number },
    values: [{ network, metric: "top-1 error", protocol, value }],
  }) as unknown as PaperTable;
const tables = [
  printed(2, "10-crop", 25),
  printed(3, "10-crop", 25),
  printed(4, "dense multi-scale", 21, "ResNet-34 B"),
];
const run = (shortcut: "A" | "B") => ({ spec: { depth: 34, shortcut } as Run["spec"] });
const evaluation = {
  kind: "evaluate",
  status: "succeeded",
  runs: ["a"],
  views: "ten-crop",
  recompute_bn: false,
  error: 26,
} as const;

test("an evaluation is compared with the number that the paper measured in the same way, once", () => {
  expect(imagenetDistances(run("A"), [evaluation], tables)).toEqual([
    { table: 2, protocol: "10-crop", ours: 26, theirs: 25, points: 1 },
  ]);
  const scales = { ...evaluation, views: "multi-scale", error: 20.5 } as const;
  expect(imagenetDistances(run("B"), [evaluation, scales], tables)).toMatchObject([
    { table: 4, points: -0.5 },
  ]);
});

test("one crop, an ensemble, recomputed batch norm and an evaluation that failed have no number in the paper's tables", () => {
  const others = [
    { ...evaluation, views: "single" },
    { ...evaluation, recompute_bn: true },
    { ...evaluation, runs: ["a", "b"] },
    { ...evaluation, status: "failed", error: null },
  ] as const;
  expect(imagenetDistances(run("A"), others, tables)).toEqual([]);
});
