import { expect, test } from "vitest";
import { type Network, networkName, networkNamed, networkOf } from "./network";

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

test("a detector has the name of the network that it is built on", () => {
  expect(networkName({ network: "resnet101" })).toBe("ResNet-101");
  expect(networkName({ network: "vgg16" })).toBe("VGG-16");
  expect(networkOf({ network: "resnet18" })).toEqual({ depth: 18, shortcut: "B" });
});
