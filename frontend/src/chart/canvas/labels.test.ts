import { expect, test } from "vitest";
import { overlap, placeOf } from "./labels";

const area = { left: 0, top: 0, width: 400, height: 200 };
const size = { width: 100, height: 14 };
const free = () => 0;

test("a label stands above its line at the left, where nothing is", () => {
  expect(placeOf(size, 100, area, [], free)).toEqual({ left: 0, top: 86, ...size });
});

test("a label covers no curve where there is room beside it", () => {
  const curve = { left: 0, top: 80, width: 250, height: 40 };
  const place = placeOf(size, 100, area, [], (box) => (overlap(box, curve) ? 1 : 0));
  expect(place?.left).toBeGreaterThanOrEqual(250);
});

test("labels of levels that are close together never cover each other", () => {
  const taken = [];
  for (const y of [100, 101, 103, 104, 107]) {
    const place = placeOf(size, y, area, taken, free);
    expect(place && taken.some((other) => overlap(place, other))).toBe(false);
    if (place) taken.push(place);
  }
});

test("a level at the edge has its label inside the chart", () => {
  expect(placeOf(size, 5, area, [], free)?.top).toBe(5);
  expect(placeOf(size, 198, area, [], free)?.top).toBe(184);
});

test("where curves are everywhere, the label stands where it covers the least", () => {
  expect(placeOf(size, 100, area, [], ({ left }) => 10 + left)?.left).toBe(0);
});

test("a label that would be struck through everywhere is left out", () => {
  const levels = [96, 100, 104];
  const struck = (own: number) => (box: typeof area) =>
    levels.some((y) => y !== own && y >= box.top && y <= box.top + box.height) ? Number.POSITIVE_INFINITY : 0;
  expect(levels.map((y) => placeOf(size, y, area, [], struck(y)) !== undefined)).toEqual([true, false, true]);
});
