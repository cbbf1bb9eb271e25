import { expect, test } from "vitest";
import { networkNamed } from "./network";

test("the paper's names give depth and shortcut option", () => {
  expect(networkNamed("ResNet-110 A")).toEqual({ depth: 110, shortcut: "A" });
  expect(networkNamed("plain-20")).toEqual({ depth: 20, shortcut: "none" });
});

test("networks from other papers are not recognised", () => {
  expect(networkNamed("VGG-16 [41]")).toBeUndefined();
  expect(networkNamed(null)).toBeUndefined();
});
