import { expect, test } from "vitest";
import { type Going, percentDone, progressText } from "./progress";

const running: Going = { status: "running", iteration: 180, iterations: 400, eta_s: 130 };

test("a running run says how far and how long still", () => {
  expect(progressText(running)).toBe("45 % · 2 min left");
  expect(progressText({ ...running, eta_s: null })).toBe("45 %");
});

test("a run is not at 100 % before its last iteration", () => {
  expect(percentDone({ ...running, iteration: 63_999, iterations: 64_000 })).toBeLessThan(100);
  expect(progressText({ ...running, status: "succeeded", iteration: 400 })).toBe("100 %");
  expect(progressText({ ...running, iteration: 400, eta_s: 0 })).toBe(
    "100 % · the last files are being saved",
  );
});

test("a run that ended early says where", () => {
  expect(progressText({ ...running, status: "failed" })).toBe("45 % · ended at iteration 180");
});

test("a run that waits says for what, in the API's words", () => {
  const queued: Going = { status: "queued", iteration: 0, iterations: 400, waits_for: "a free worker" };
  expect(progressText(queued)).toBe("a free worker");
  expect(progressText({ ...queued, iteration: 100 })).toBe("25 % · a free worker");
});
