import { expect, test } from "vitest";
import { label, plannedDrops, recordedDrops } from "./drops";

const rates = (iteration: number[], mean: number[]) => ({ iteration, mean, least: null, most: null });

test("a plateau's drops are read from the recorded rates", () => {
  expect(recordedDrops(rates([1, 2, 3, 4], [0.1, 0.1, 0.01, 0.01]))).toEqual([
    { iteration: 3, before: 0.1, lr: 0.01 },
  ]);
});

test("the end of a warm-up is a change, float noise is none", () => {
  expect(recordedDrops(rates([1, 2, 3], [0.01, 0.009999999, 0.1]))).toEqual([
    { iteration: 3, before: 0.009999999, lr: 0.1 },
  ]);
});

test("a bucket in which the rate drops has no rate of its own", () => {
  const buckets = {
    iteration: [1, 5, 9],
    mean: [0.1, 0.055, 0.01],
    least: [0.1, 0.01, 0.01],
    most: [0.1, 0.1, 0.01],
  };
  expect(recordedDrops(buckets)).toEqual([{ iteration: 9, before: 0.1, lr: 0.01 }]);
});

test("a drop says both rates, and small ones with an exponent", () => {
  expect(label({ before: 0.1, lr: 0.01 })).toBe("lr 0.1 → 0.01");
  expect(label({ before: 0.001, lr: 0.1 * 0.1 ** 3 })).toBe("lr 0.001 → 1e-4");
});

test("a schedule's first drop is from the rate that it begins with", () => {
  const planned = [
    { iteration: 2, lr: 0.01 },
    { iteration: 3, lr: 0.001 },
  ];
  expect(plannedDrops(planned, 0.1).map(label)).toEqual(["lr 0.1 → 0.01", "lr 0.01 → 0.001"]);
});
