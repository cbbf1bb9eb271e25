import { expect, test } from "vitest";
import { isPausing, whyNot, whyNotRetry } from "./moves";

test("an ended run can't be moved, and only an ended run can be retried", () => {
  expect(whyNot("pause", { status: "failed", stop_request: null })).toBe(
    "This run has failed. Retry or fork it to continue.",
  );
  expect(whyNotRetry({ status: "failed", stop_request: null })).toBeUndefined();
  expect(whyNotRetry({ status: "paused", stop_request: null })).toContain("is still paused");
});

test("a run that is being cancelled can't be resumed", () => {
  expect(whyNot("resume", { status: "running", stop_request: "cancel" })).toContain("being cancelled");
  expect(whyNot("cancel", { status: "running", stop_request: "pause" })).toBeUndefined();
});

test("a request to pause can be withdrawn", () => {
  expect(isPausing({ status: "running", stop_request: "pause" })).toBe(true);
  expect(whyNot("resume", { status: "running", stop_request: "pause" })).toBeUndefined();
});
