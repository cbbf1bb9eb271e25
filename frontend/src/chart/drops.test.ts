import { expect, test } from "vitest";
import { label, recordedDrops } from "./drops";

test("a plateau's drops are read from the recorded rates", () => {
  expect(recordedDrops([1, 2, 3, 4], [0.1, 0.1, 0.01, 0.01])).toEqual([{ iteration: 3, lr: 0.01 }]);
});

test("the end of a warm-up is a change, float noise is none", () => {
  expect(recordedDrops([1, 2, 3], [0.01, 0.009999999, 0.1])).toEqual([{ iteration: 3, lr: 0.1 }]);
});

test("small rates are written with an exponent", () => {
  expect(label({ iteration: 1, lr: 0.1 * 0.1 ** 3 })).toBe("lr 1e-4");
});
