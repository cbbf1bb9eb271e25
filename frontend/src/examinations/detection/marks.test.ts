import { expect, test } from "vitest";
import type { TestImage } from "../../api/types";
import { marksOf } from "./marks";

const box = [0, 0, 10, 10];
const image: TestImage = {
  path: "a.jpg",
  width: 10,
  height: 10,
  picture: "",
  detections: [
    { box, label: "cat", score: 0.9, outcome: "right", object: 0 },
    { box, label: "dog", score: 0.4, outcome: "false", object: null },
    { box, label: "dog", score: 0.3, outcome: "right", object: 1 },
  ],
  objects: [
    { box, label: "cat", counts: true },
    { box, label: "dog", counts: true },
    { box, label: "dog", counts: false },
  ],
};

test("a detection below the score leaves its object missed, and a difficult object is never missed", () => {
  expect(marksOf(image, 0.35, undefined)).toMatchObject({ right: 1, wrong: 1, missed: 1 });
  expect(marksOf(image, 0.2, undefined)).toMatchObject({ right: 2, wrong: 1, missed: 0 });
});

test("only one class is drawn where one is chosen", () => {
  const { boxes, right, missed } = marksOf(image, 0.95, "cat");
  expect([right, missed, boxes.length]).toEqual([0, 1, 1]);
  expect(boxes[0]).toMatchObject({ label: "missed: cat", kind: "missed" });
});
