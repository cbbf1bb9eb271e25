import { expect, test } from "vitest";
import { messagesByField, Problem, problemFrom } from "./problem";

const refusal = problemFrom(422, {
  title: "Unprocessable Content",
  detail: "2 fields are wrong",
  errors: [
    { field: "spec.depth", message: "depth must be 6n+2: 8, 14, 20, 26, 32 …" },
    { field: "spec.schedule.at", message: "at must ascend." },
    { field: "spec.schedule.at", message: "at is too long." },
    { field: "name", message: "too long" },
  ],
});

test("each message of a refusal finds its field", () => {
  expect(messagesByField(refusal)).toEqual({
    "spec.depth": "depth must be 6n+2: 8, 14, 20, 26, 32 …",
    "spec.schedule.at": "at must ascend. at is too long.",
    name: "too long",
  });
});

test("without a refusal there are no messages", () => {
  expect(messagesByField(undefined)).toEqual({});
});

test("an answer that is not a problem document still has a message with its status", () => {
  expect(problemFrom(500, "<html>").message).toBe("The service answered with status 500.");
  expect(problemFrom(502, null).isAway).toBe(true);
  expect(new Problem(422, "", "").isAway).toBe(false);
});
