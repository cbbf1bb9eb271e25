import { expect, test } from "vitest";
import { type Network, networkName, networkNamed } from "./network";

test("the paper's names give depth and shortcut option", () => {
  expect(networkNamed("ResNet-110 A")).toEqual({ depth: 110, shortcut: "A" });
  expect(networkNamed("plain-20")).toEqual({ depth: 20, shortcut: "none" });
});

test("depth and shortcut option give the paper's names", () => {
  for (const name of ["ResNet-110 A", "plain-20"])
    expect(networkName(networkNamed(name) as Network)).toBe(name);
});

test("networks from other papers are not recognised", () => {
  expect(networkNamed("VGG-16 [41]")).toBeUndefined();
  expect(networkNamed(null)).toBeUndefined();
});
