import { expect, test } from "vitest";
import { isPausing, whyNot, whyNotRetry } from "./moves";

test("an ended run moves no more, and only an ended one is retried", () => {
  expect(whyNot("pause", { status: "failed", stop_request: null })).toBe("The run has ended: it is failed.");
  expect(whyNotRetry({ status: "failed", stop_request: null })).toBeUndefined();
  expect(whyNotRetry({ status: "paused", stop_request: null })).toContain("this one is paused");
});

test("a run that is being cancelled takes no other request", () => {
  expect(whyNot("resume", { status: "running", stop_request: "cancel" })).toContain("Cancelling already");
  expect(whyNot("cancel", { status: "running", stop_request: "pause" })).toBeUndefined();
});

test("a request to pause can be withdrawn", () => {
  expect(isPausing({ status: "running", stop_request: "pause" })).toBe(true);
  expect(whyNot("resume", { status: "running", stop_request: "pause" })).toBeUndefined();
});
