import { expect, test } from "vitest";
import { detectorBody, readDetectorDraft, SMALL } from "./detectorDraft";

test("a detector's body has its fields at their paths, and only those that were filled in", () => {
  expect(
    detectorBody({ network: "vgg16", dataset: "bccd", roi_size: 7, roi_batch: 16, sizes: "24, 48" }),
  ).toEqual({
    spec: {
      task: "detection",
      network: "vgg16",
      dataset: "bccd",
      roi: { size: 7, batch: 16 },
      anchors: { sizes: [24, 48] },
    },
  });
  expect(
    detectorBody({ start: "ab", statistics: "training_set", drops: "200", name: "mine", project: "lab" }),
  ).toEqual({
    name: "mine",
    project: "lab",
    spec: {
      task: "detection",
      start: { sha256: "ab", statistics: "training_set" },
      schedule: { kind: "steps", at: [200], factor: 0.1 },
    },
  });
});

test("an address without a query starts with the small run, and a mistyped link keeps its valid fields", () => {
  expect(readDetectorDraft({})).toEqual(SMALL);
  expect(readDetectorDraft({ network: "alexnet", side: "wide", dataset: "bccd", context: true })).toEqual({
    dataset: "bccd",
    context: true,
  });
});
