import { expect, test } from "vitest";
import { protocolOf } from "./words";

test("a protocol names its views, its batch-norm statistics and the size of its ensemble", () => {
  expect(protocolOf({ views: null, recompute_bn: null, runs: ["a"] })).toBe("one view of each image");
  expect(protocolOf({ views: "ten-crop", recompute_bn: true, runs: ["a", "b"] })).toMatch(
    /^10 crops .*, batch-norm statistics recomputed over the training images, ensemble of 2$/,
  );
});
