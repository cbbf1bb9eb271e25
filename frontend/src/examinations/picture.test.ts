import { expect, test } from "vitest";
import { seenOf, whyNot } from "./picture";

test("a CIFAR network sees all of a picture, small; an ImageNet one its middle", () => {
  expect(seenOf({ width: 640, height: 480 }, "cifar")).toEqual({
    x: 0,
    y: 0,
    width: 640,
    height: 480,
    side: 32,
  });
  expect(seenOf({ width: 512, height: 256 }, "imagenet")).toEqual({
    x: 144,
    y: 16,
    width: 224,
    height: 224,
    side: 224,
  });
});

test("what is no picture, or too large a one, is refused before it is sent", () => {
  expect(whyNot({ type: "text/plain", size: 10 })).toContain("no picture");
  expect(whyNot({ type: "image/png", size: 5 * 1024 * 1024 })).toContain("5.0");
  expect(whyNot({ type: "image/png", size: 10 })).toBeUndefined();
});
