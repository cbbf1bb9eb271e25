import { expect, test } from "vitest";
import { percentOf, progressText } from "./progress";

const half = {
  runs: 3,
  by_status: { running: 1, queued: 2 },
  iteration: 50,
  iterations: 100,
  deleted: 0,
  examinations: 0,
  examinations_succeeded: 0,
};

test("progress is the share of iterations done, with the runs by status", () => {
  expect(progressText(half)).toBe("50 % · 2 queued, 1 running of 3 runs");
});

test("progress stays below 100 % until the last iteration, and is 0 % without iterations", () => {
  expect(percentOf({ ...half, iteration: 99_999, iterations: 100_000 })).toBe(99.9);
  expect(percentOf({ ...half, iteration: 0, iterations: 0 })).toBe(0);
});

test("deleted runs are counted separately", () => {
  const left = {
    runs: 0,
    by_status: {},
    iteration: 0,
    iterations: 0,
    deleted: 1,
    examinations: 0,
    examinations_succeeded: 0,
  };
  expect(progressText(left)).toBe("0 % · 1 run deleted");
});

test("finished evaluations are counted", () => {
  const examined = {
    ...half,
    by_status: { succeeded: 3 },
    iteration: 100,
    examinations: 3,
    examinations_succeeded: 1,
  };
  expect(progressText(examined)).toBe("100 % · 3 runs succeeded · 1 of 3 evaluations");
});
