import { expect, test } from "vitest";
import type { Study } from "../api/client";
import { whyNoCertificate, whyNot } from "./moves";

const standing = (status: Study["status"], by_status: Study["progress"]["by_status"]) => ({
  status,
  progress: { runs: 2, by_status, iteration: 0, iterations: 10, deleted: 0 },
});

test("a study that has ended can only be certified", () => {
  const ended = standing("ended", { succeeded: 2 });
  for (const move of ["pause", "resume", "cancel"] as const)
    expect(whyNot(move, ended)).toMatch("have ended");
  expect(whyNoCertificate(ended)).toBeUndefined();
});

test("one with a paused run can be resumed, and paused while another still goes on", () => {
  const half = standing("running", { running: 1, paused: 1 });
  expect(whyNot("resume", half)).toBeUndefined();
  expect(whyNot("pause", half)).toBeUndefined();
  expect(whyNot("pause", standing("paused", { paused: 2 }))).toMatch("paused already");
  expect(whyNoCertificate(half)).toMatch("have ended");
});
