import { expect, test } from "vitest";
import type { Recipe } from "../api/types";
import { draftOf, labelOf, networkOf } from "./recipe";

const net = (parts: Partial<Recipe["networks"][number]>): Recipe["networks"][number] => ({
  depth: 110,
  shortcut: "A",
  suffix: "",
  is_reading: false,
  first_seed: 0,
  changes: {},
  statements: [],
  ...parts,
});
const usual = net({});
const cold = net({ changes: { warmup: null }, suffix: " without warm-up" });
const recipe: Recipe = {
  name: "warm-up",
  title: "",
  section: "4.2",
  about: "",
  family: "cifar",
  kind: "train",
  protocol: null,
  networks: [usual, cold],
  tables: [],
  figures: [],
  statements: [],
  together: [],
  dataset: "cifar10",
};

test("a network becomes the fields that the experiment varies", () => {
  expect(draftOf(recipe, cold)).toEqual({
    recipe: "warm-up",
    dataset: "cifar10",
    depth: 110,
    shortcut: "A",
    warmup: "none",
  });
});

test("a draft that matches two networks is the more specific one", () => {
  expect(networkOf(recipe, draftOf(recipe, cold))).toBe(cold);
  expect(networkOf(recipe, draftOf(recipe, usual))).toBe(usual);
  expect(networkOf(recipe, { ...draftOf(recipe, usual), depth: 56 })).toBeUndefined();
});

test("a network has the label that studies use", () => {
  expect(labelOf(cold)).toBe("ResNet-110 A without warm-up");
  expect(labelOf(net({ depth: 20, shortcut: "none" }))).toBe("plain-20");
});
