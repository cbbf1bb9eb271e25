import { expect, test } from "vitest";
import { summaryOf } from "./degradationSummary";

test("pairs are counted by their diagnosis", () => {
  expect(summaryOf(["degradation", "no difference found", "degradation"])).toBe(
    "3 pairs of depths: degradation in 2, no difference found in 1.",
  );
  expect(summaryOf(["degradation"])).toBe("1 pair of depths: degradation in 1.");
});
