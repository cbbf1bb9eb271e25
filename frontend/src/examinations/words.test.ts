import { expect, test } from "vitest";
import { protocolOf } from "./words";

test("a protocol says its views, its normalisation, and of how many networks it is", () => {
  expect(protocolOf({ views: null, recompute_bn: null, runs: ["a"] })).toBe("one view of each image");
  expect(protocolOf({ views: "ten-crop", recompute_bn: true, runs: ["a", "b"] })).toMatch(
    /^10 crops .*, batch normalisation averaged over the training images, ensemble of 2$/,
  );
});
