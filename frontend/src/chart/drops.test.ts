import { expect, test } from "vitest";
import { label, plannedDrops, recordedDrops } from "./drops";

test("the paper's schedule drops to 0.01 at 32k and to 0.001 at 48k", () => {
  const drops = plannedDrops({ lr: 0.1, schedule: { kind: "steps", at: [32000, 48000], factor: 0.1 } });
  expect(drops.map((drop) => [drop.iteration, label(drop)])).toEqual([
    [32000, "lr 0.01"],
    [48000, "lr 0.001"],
  ]);
});

test("a plateau's drops are not known beforehand but read from the recorded rates", () => {
  expect(plannedDrops({ lr: 0.1, schedule: { kind: "plateau" } })).toEqual([]);
  expect(recordedDrops([1, 2, 3, 4], [0.1, 0.1, 0.01, 0.01])).toEqual([{ iteration: 3, lr: 0.01 }]);
});

test("the end of a warm-up is a change, float noise is none", () => {
  expect(recordedDrops([1, 2, 3], [0.01, 0.009999999, 0.1])).toEqual([{ iteration: 3, lr: 0.1 }]);
});

test("small rates are written with an exponent", () => {
  expect(label({ iteration: 1, lr: 0.1 * 0.1 ** 3 })).toBe("lr 1e-4");
});
