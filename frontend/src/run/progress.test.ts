import { expect, test } from "vitest";
import type { Status } from "../address/listing";
import { hasBar, type Progress, percentDone, progressText } from "./progress";

const running: Progress = { status: "running", iteration: 180, iterations: 400, eta_s: 130 };

test("a run that waits for its first iteration has no bar, and neither has one that has ended", () => {
  const at = (status: Status, iteration: number) => hasBar({ status, iteration, iterations: 400 });
  expect([at("queued", 0), at("queued", 40), at("running", 0), at("paused", 40)]).toEqual([
    false,
    true,
    true,
    true,
  ]);
  expect([at("succeeded", 400), at("failed", 40)]).toEqual([false, false]);
});

test("a running run says how far it is and how long it still takes", () => {
  expect(progressText(running)).toBe("45 % · 2 min left");
  expect(progressText({ ...running, eta_s: null })).toBe("45 %");
});

test("a run is not at 100 % before its last iteration", () => {
  expect(percentDone({ ...running, iteration: 63_999, iterations: 64_000 })).toBeLessThan(100);
  expect(progressText({ ...running, status: "succeeded", iteration: 400 })).toBe("100 %");
  expect(progressText({ ...running, iteration: 400, eta_s: 0 })).toBe("100 % · saving the last files");
});

test("a run that ended early says at which iteration", () => {
  expect(progressText({ ...running, status: "failed" })).toBe("45 % · ended at iteration 180");
});

test("a waiting run says what it waits for, in the API's words", () => {
  const queued: Progress = { status: "queued", iteration: 0, iterations: 400, waits_for: "a free worker" };
  expect(progressText(queued)).toBe("a free worker");
  expect(progressText({ ...queued, iteration: 100 })).toBe("25 % · a free worker");
});
