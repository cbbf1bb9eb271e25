import { expect, test } from "vitest";
import type { Study, StudyMember } from "../../api/types";
import { iterationsOf, ownRuns, whyNoCertificate, whyNot, whyNotWithRuns } from "./moves";

const stateOf = (status: Study["status"], by_status: Study["progress"]["by_status"]) => ({
  status,
  progress: {
    runs: 2,
    by_status,
    iteration: 0,
    iterations: 10,
    deleted: 0,
    examinations: 0,
    examinations_succeeded: 0,
  },
});

test("a study that has ended can only be certified", () => {
  const ended = stateOf("ended", { succeeded: 2 });
  for (const move of ["pause", "resume", "cancel"] as const)
    expect(whyNot(move, ended)).toMatch("have ended");
  expect(whyNoCertificate(ended)).toBeUndefined();
});

test("a study with one paused and one running run can be resumed and paused", () => {
  const half = stateOf("running", { running: 1, paused: 1 });
  expect(whyNot("resume", half)).toBeUndefined();
  expect(whyNot("pause", half)).toBeUndefined();
  expect(whyNot("pause", stateOf("paused", { paused: 2 }))).toMatch("already paused");
  expect(whyNoCertificate(half)).toMatch("have ended");
});

const member = (of: Partial<StudyMember>): StudyMember => ({
  label: "plain-20",
  seed: 0,
  run: "a",
  reused: false,
  tests: [],
  status: "succeeded",
  iteration: 10,
  iterations: 10,
  train_error: null,
  test_error: null,
  test_map: null,
  ...of,
});

test("a reused or deleted run is not deleted with the study", () => {
  const members = [member({}), member({ run: "b", reused: true }), member({ run: null, iteration: null })];
  expect(ownRuns({ members }).map(({ run }) => run)).toEqual(["a"]);
  expect(iterationsOf(ownRuns({ members }))).toBe(10);
});

test("runs can be deleted with the study unless one of its own is training", () => {
  expect(whyNotWithRuns({ members: [member({}), member({ status: "queued" })] })).toBeUndefined();
  expect(whyNotWithRuns({ members: [member({ status: "running", reused: true })] })).toBeUndefined();
  expect(whyNotWithRuns({ members: [member({}), member({ status: "running" })] })).toMatch(
    "Cancel the study",
  );
});
