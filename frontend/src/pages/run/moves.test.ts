import { expect, test } from "vitest";
import { isPausing, whyNot, whyNotRetry } from "./moves";

test("an ended run moves no more, and only an ended one is retried", () => {
  expect(whyNot("pause", { status: "failed", wish: null })).toBe("The run has ended: it is failed.");
  expect(whyNotRetry({ status: "failed", wish: null })).toBeUndefined();
  expect(whyNotRetry({ status: "paused", wish: null })).toContain("this one is paused");
});

test("a run that is being cancelled takes no other wish", () => {
  expect(whyNot("resume", { status: "running", wish: "cancel" })).toContain("Cancelling already");
  expect(whyNot("cancel", { status: "running", wish: "pause" })).toBeUndefined();
});

test("a wish to pause can be taken back", () => {
  expect(isPausing({ status: "running", wish: "pause" })).toBe(true);
  expect(whyNot("resume", { status: "running", wish: "pause" })).toBeUndefined();
});
