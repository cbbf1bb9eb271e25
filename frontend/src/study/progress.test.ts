import { expect, test } from "vitest";
import { percentOf, standing } from "./progress";

const half = {
  runs: 3,
  by_status: { running: 1, queued: 2 },
  iteration: 50,
  iterations: 100,
  deleted: 0,
  examinations: 0,
  examined: 0,
};

test("a study stands at the share of its iterations, with its runs by state", () => {
  expect(standing(half)).toBe("50 % · 2 queued, 1 running of 3 runs");
});

test("it is never at 100 % before its last iteration, nor without any", () => {
  expect(percentOf({ ...half, iteration: 99_999, iterations: 100_000 })).toBe(99.9);
  expect(percentOf({ ...half, iteration: 0, iterations: 0 })).toBe(0);
});

test("a run that was deleted is told apart", () => {
  const left = {
    runs: 0,
    by_status: {},
    iteration: 0,
    iterations: 0,
    deleted: 1,
    examinations: 0,
    examined: 0,
  };
  expect(standing(left)).toBe("0 % · 1 deleted of 1 run");
});

test("what is asked of the weights is told as far as it has come", () => {
  const examined = { ...half, by_status: { succeeded: 3 }, iteration: 100, examinations: 3, examined: 1 };
  expect(standing(examined)).toBe("100 % · 3 succeeded of 3 runs · 1 of 3 examined");
});
