import { expect, test } from "vitest";
import type { PaperTable } from "../api/client";
import { publishedOf } from "./references";

// Made up: what the paper printed is typed nowhere in the source.
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

test("a run is held against the test error of its network", () => {
  expect(publishedOf([run("warning")], table)).toEqual([{ name: "paper, ResNet-20 A, Table 6", value: 12 }]);
});

test("a number beside a run of another protocol is marked", () => {
  expect(publishedOf([run(), run("departure")], table)).toEqual([
    { name: "paper, ResNet-20 A, Table 6 (another protocol)", value: 12 },
  ]);
});
