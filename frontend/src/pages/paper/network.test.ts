import { expect, test } from "vitest";
import { networkNamed } from "./network";

test("a name of the paper says its depth and its option", () => {
  expect(networkNamed("ResNet-110 A")).toEqual({ depth: 110, shortcut: "A" });
  expect(networkNamed("plain-20")).toEqual({ depth: 20, shortcut: "none" });
});

test("a net of others is none of ours", () => {
  expect(networkNamed("VGG-16 [41]")).toBeUndefined();
  expect(networkNamed(null)).toBeUndefined();
});
