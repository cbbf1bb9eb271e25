import { expect, test } from "vitest";
import { placeLabels } from "./dropLabels";

const widthOf = (text: string) => 7 * text.length;
const first = ["lr 0.1 → 0.01", "lr 0.01"]; // 91 and 49 pixels
const second = ["lr 0.01 → 0.001", "lr 0.001"]; // 105 and 56 pixels
const room = (start: number, end: number) => ({
  widthOf,
  within: [start, end] as const,
});

test("with room, each label stands right of its line", () => {
  const drops = [
    { x: 400, texts: first },
    { x: 600, texts: second },
  ];
  expect(placeLabels(drops, room(0, 800))).toEqual([
    { text: first[0], left: 400 },
    { text: second[0], left: 600 },
  ]);
});

test("on a phone no label crosses the next drop's line: it goes to the left, or is shorter", () => {
  const drops = [
    { x: 150, texts: first },
    { x: 225, texts: second },
  ];
  expect(placeLabels(drops, room(0, 300))).toEqual([
    { text: first[0], left: 150 - 91 },
    { text: second[1], left: 225 },
  ]);
});

test("two labels between two lines don't overlap, and what has no room is left out", () => {
  const drops = [
    { x: 10, texts: first },
    { x: 110, texts: second },
    { x: 120, texts: second },
  ];
  expect(placeLabels(drops, room(0, 160))).toEqual([{ text: first[0], left: 10 }, undefined, undefined]);
});

test("property: a label lies between its neighbours' lines, inside the chart", () => {
  for (let seed = 1; seed <= 2000; seed++) {
    const random = (nth: number) => (((seed * 9301 + nth * 49297) * 233) % 10007) / 10007;
    const xs = [1, 2, 3, 4].map((nth) => 20 + 360 * random(nth)).sort((a, b) => a - b);
    const placed = placeLabels(
      xs.map((x) => ({ x, texts: first })),
      room(20, 380),
    );
    let end = 20;
    for (const [nth, label] of placed.entries()) {
      if (!label) continue;
      expect(label.left).toBeGreaterThanOrEqual(Math.max(xs[nth - 1] ?? 20, end));
      end = label.left + widthOf(label.text);
      expect(end).toBeLessThanOrEqual(xs[nth + 1] ?? 380);
    }
  }
});
