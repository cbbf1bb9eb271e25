import { expect, test } from "vitest";
import { isAsked, isOfNow } from "./request";

const one = { views: null, recompute_bn: null, runs: ["a", "b"], status: "succeeded" } as const;
const asked = { views: "single", recompute_bn: false, runs: ["b", "a"] } as const;

test("an ensemble is the same in any order, and absent options have their defaults", () => {
  expect(isAsked([{ ...one, runs: ["a", "b"] }], asked)).toBe(true);
  expect(isAsked([{ ...one, runs: ["a", "b", "c"] }], asked)).toBe(false);
  expect(isAsked([{ ...one, runs: ["a", "c"] }], asked)).toBe(false);
  expect(isAsked([{ ...one, runs: ["a", "b"], recompute_bn: true }], asked)).toBe(false);
  expect(isAsked([{ ...one, runs: ["a", "b"] }], { ...asked, views: "ten-crop" })).toBe(false);
});

test("an evaluation under way blocks the same request; a failed or cancelled one does not", () => {
  expect(isAsked([{ ...one, runs: ["a", "b"], status: "queued" }], asked)).toBe(true);
  expect(isAsked([{ ...one, runs: ["a", "b"], status: "failed" }], asked)).toBe(false);
  expect(isAsked([{ ...one, runs: ["a", "b"], status: "cancelled" }], asked)).toBe(false);
});

test("an examination from before the data set was replaced used other images", () => {
  const asked = { created_at: "2026-11-24T10:00:00Z" };
  expect(isOfNow(asked, undefined)).toBe(true);
  expect(isOfNow(asked, "2026-11-24T09:00:00.5Z")).toBe(true);
  expect(isOfNow(asked, "2026-11-24T10:00:01Z")).toBe(false);
});
