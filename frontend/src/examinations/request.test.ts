import { expect, test } from "vitest";
import { evaluationExists, usesCurrentData } from "./request";

const evaluation = { views: null, recompute_bn: null, runs: ["a", "b"], status: "succeeded" } as const;
const request = { views: "single", recompute_bn: false, runs: ["b", "a"] } as const;

test("an ensemble is the same in any order, and absent options have their defaults", () => {
  expect(evaluationExists([{ ...evaluation, runs: ["a", "b"] }], request)).toBe(true);
  expect(evaluationExists([{ ...evaluation, runs: ["a", "b", "c"] }], request)).toBe(false);
  expect(evaluationExists([{ ...evaluation, runs: ["a", "c"] }], request)).toBe(false);
  expect(evaluationExists([{ ...evaluation, runs: ["a", "b"], recompute_bn: true }], request)).toBe(false);
  expect(evaluationExists([{ ...evaluation, runs: ["a", "b"] }], { ...request, views: "ten-crop" })).toBe(
    false,
  );
});

test("an evaluation under way blocks the same request; a failed or cancelled evaluation does not", () => {
  expect(evaluationExists([{ ...evaluation, runs: ["a", "b"], status: "queued" }], request)).toBe(true);
  expect(evaluationExists([{ ...evaluation, runs: ["a", "b"], status: "failed" }], request)).toBe(false);
  expect(evaluationExists([{ ...evaluation, runs: ["a", "b"], status: "cancelled" }], request)).toBe(false);
});

test("an examination from before the data set was replaced used other images", () => {
  const request = { created_at: "2026-11-24T10:00:00Z" };
  expect(usesCurrentData(request, undefined)).toBe(true);
  expect(usesCurrentData(request, "2026-11-24T09:00:00.5Z")).toBe(true);
  expect(usesCurrentData(request, "2026-11-24T10:00:01Z")).toBe(false);
});
