import { expect, test } from "vitest";
import { visiblePart, whyNot } from "./picture";

test("a CIFAR network sees the whole picture, an ImageNet network its centre", () => {
  expect(visiblePart({ width: 640, height: 480 }, "cifar")).toEqual({
    x: 0,
    y: 0,
    width: 640,
    height: 480,
    side: 32,
  });
  expect(visiblePart({ width: 512, height: 256 }, "imagenet")).toEqual({
    x: 144,
    y: 16,
    width: 224,
    height: 224,
    side: 224,
  });
});

test("a file that is not a picture or is too large is refused before it is sent", () => {
  expect(whyNot({ type: "text/plain", size: 10 })).toContain("not a picture");
  expect(whyNot({ type: "image/png", size: 5 * 1024 * 1024 })).toContain("5.0 MB");
  expect(whyNot({ type: "image/png", size: 10 })).toBeUndefined();
});
