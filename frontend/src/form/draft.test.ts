import { expect, test } from "vitest";
import { bodyOf, iterationsIn, onDataset, readDraft, START } from "./draft";

test("a body holds only the fields that were filled in", () => {
  expect(bodyOf({ depth: 56, shortcut: "B", dataset: "cifar10" })).toEqual({
    spec: { depth: 56, shortcut: "B", dataset: "cifar10" },
  });
});

test("typed drops become a step schedule", () => {
  expect(bodyOf({ drops: "200, 300" }).spec.schedule).toEqual({ kind: "steps", at: [200, 300], factor: 0.1 });
  expect(bodyOf({ drops: " " }).spec.schedule).toBeUndefined();
  expect(iterationsIn("none")).toEqual([]);
});

test("a mistyped link keeps its valid fields", () => {
  expect(readDraft({ depth: 20, shortcut: "D", iterations: "many", dataset: "digits", evil: 1 })).toEqual({
    depth: 20,
    dataset: "digits",
  });
});

test("an address without a query starts with the small run, and a cleared field stays cleared", () => {
  expect(readDraft({})).toEqual(START);
  expect(readDraft({ depth: 56 })).toEqual({ depth: 56 });
});

test("a link keeps the family, and a new data set clears it", () => {
  const draft = readDraft({ dataset: "mine", depth: 18, family: "imagenet" });
  expect(bodyOf(draft).spec.family).toBe("imagenet");
  expect({ ...draft, ...onDataset("digits") }).toEqual({ dataset: "digits", depth: 18, family: undefined });
  expect(readDraft({ depth: 18, family: "vgg" })).toEqual({ depth: 18 });
});

test("the choice none turns the warm-up off", () => {
  expect(bodyOf(readDraft({ depth: 110, warmup: "none" })).spec).toEqual({ depth: 110, warmup: null });
  expect(bodyOf(readDraft({ depth: 110 })).spec).toEqual({ depth: 110 });
});

test("a link keeps the recipe, and the request does not send it", () => {
  const draft = readDraft({
    recipe: "table-6",
    depth: 110,
    nesterov: true,
    stride_in_1x1: "no",
    init: "fan_in",
  });
  expect(draft).toEqual({ recipe: "table-6", depth: 110, nesterov: true, init: "fan_in" });
  expect(bodyOf(draft).spec).toEqual({ depth: 110, nesterov: true, init: "fan_in" });
});

test("a plateau and a warm-up are sent with only the parts that were filled in", () => {
  const draft = readDraft({ schedule: "plateau", patience: 3, warmup_lr: 0.02 });
  expect(bodyOf(draft).spec).toEqual({
    schedule: { kind: "plateau", patience: 3 },
    warmup: { lr: 0.02 },
  });
  expect(bodyOf({ warmup: "until" }).spec).toEqual({ warmup: {} });
  expect(bodyOf({ drops: "200", factor: 0.2 }).spec.schedule).toEqual({
    kind: "steps",
    at: [200],
    factor: 0.2,
  });
  expect(bodyOf({ schedule: "steps" }).spec.schedule).toEqual({ kind: "steps", at: [], factor: 0.1 });
});
