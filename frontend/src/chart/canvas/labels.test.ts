import { expect, test } from "vitest";
import { type Box, labelsOf, overlap, type Room, rowsFor, spread } from "./labels";

const ROW = 15;
const widthOf = (text: string) => 7 * text.length + 8;
/** A plot of this size inside the margins that its labels need. */
const roomOf = (width: number, height: number): Room => ({
  area: { left: 44, top: 60, width, height },
  row: ROW,
  widthOf,
});
const level = (at: number) => ({ at, text: "6.50" });

test("a level's label stands to the right of the plot, at its height", () => {
  const [label] = labelsOf({ drops: [], moments: [], levels: [level(100)] }, roomOf(400, 200));
  expect(label).toMatchObject({ text: "6.50", at: 100, top: 100 - ROW / 2 });
  expect(label?.left).toBeGreaterThan(444);
});

test("labels of levels that are close together move apart by as little as possible", () => {
  expect(spread([50, 100, 101], 10, [0, 200])).toEqual([50, 95.5, 105.5]);
  expect(spread([-4, 198], 10, [0, 200])).toEqual([0, 190]);
  expect(spread([190, 191, 192], 10, [0, 200])).toEqual([170, 180, 190]);
});

test("of many checkpoints at one place, only those with room have a label, and attempts come first", () => {
  const moments = [
    { at: 200, text: "attempt 2" },
    ...Array.from({ length: 64 }, (_, nth) => ({ at: 50 + 5 * nth, text: "checkpoint" })),
  ];
  const labels = labelsOf({ drops: [], moments, levels: [] }, roomOf(400, 200));
  expect(labels[0]).toMatchObject({ text: "attempt 2", left: 200 });
  expect(labels.length).toBeGreaterThan(4);
  expect(labels.length).toBeLessThan(12);
});

test("property: no two labels of 10,000 random sets overlap, and none covers the plot or leaves its margins", () => {
  const random = generator(7);
  const some = (most: number) => Math.floor(random() * (most + 1));
  const list = <T>(count: number, make: () => T) => Array.from({ length: count }, make);
  const mistakes: unknown[] = [];
  for (let nth = 0; nth < 10_000; nth++) {
    const room = roomOf(150 + some(900), 120 + some(300));
    const { area } = room;
    const across = () => area.left + random() * area.width;
    // As on phones and in the paper's figures: levels lie within a tenth of the axis as often as anywhere.
    const span = random() < 0.5 ? 0.1 : 1;
    const marks = {
      drops: list(some(4), across)
        .sort((a, b) => a - b)
        .map((at) => ({ at, texts: ["lr 0.1 → 0.01", "lr 0.01"] })),
      moments: list(some(12), () => ({ at: across(), text: random() < 0.3 ? "attempt 2" : "checkpoint" })),
      levels: list(some(8), () => level(area.top + area.height * (1 - random() * span))),
    };
    const labels = labelsOf(marks, room);
    const levels = labels.filter(({ text }) => text === level(0).text);
    const rows = rowsFor(marks.drops.length, marks.moments.length, marks.levels.length);
    const isBad = labels.some(
      (label, index) =>
        overlap(label, area) ||
        !isWithin(label, area, rows) ||
        labels.slice(index + 1).some((other) => overlap(label, other)),
    );
    if (isBad || levels.length !== marks.levels.length) mistakes.push({ nth, area, marks, labels });
  }
  expect(mistakes).toEqual([]);
});

/** Whether a label is in the margins that are reserved for this figure. */
const isWithin = (label: Box, area: Box, { top, right }: ReturnType<typeof rowsFor>): boolean =>
  label.top >= area.top - top * ROW - 1e-6 &&
  label.left >= area.left &&
  label.left + label.width <= area.left + area.width + right * ROW + 8 &&
  label.top + label.height <= area.top + area.height + 1e-6;

/** Numbers from 0 to 1 by the minimal standard generator of Park and Miller. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
