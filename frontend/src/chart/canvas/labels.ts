// Where a plot's labels stand: in the margins, so that none covers a curve or another label, whatever its width.
import { placeLabels } from "./dropLabels";

/** A rectangle of the canvas, in its pixels. */
export type Box = { left: number; top: number; width: number; height: number };

/** A text in its box. `at` is the pixel of the line that it belongs to: across for upright lines, down for levels. */
export type Label = Box & { text: string; at: number };

type Marked = { at: number; text: string };

/** What has a label: drops with shorter texts for less room, moments with the most important first, and levels. */
export type Marks = {
  drops: readonly { at: number; texts: readonly string[] }[];
  moments: readonly Marked[];
  levels: readonly Marked[];
};

/** The plot's area, the pixels of a row of text, and the width of a text. */
export type Room = { area: Box; row: number; widthOf: (text: string) => number };

// Moments have two rows, above that of the drops.
const MOMENT_ROWS = 2;
/** The right margin for the values of levels, in rows: "13.20" and the line that leads to it. */
const LEVEL_WIDTH = 3;

/** The margins that a figure's labels need above and to the right of its plot, in rows of text. */
export const rowsFor = (drops: number, moments: number, levels: number) => ({
  top: (drops > 0 ? 1 : 0) + (moments > 0 ? MOMENT_ROWS : 0),
  right: levels > 0 ? LEVEL_WIDTH : 0,
});

/** The labels with room. A line without one is drawn nevertheless. */
export function labelsOf({ drops, moments, levels }: Marks, room: Room): Label[] {
  const inRows = drops.length > 0 ? 1 : 0;
  return [...dropLabels(drops, room), ...momentLabels(moments, room, inRows), ...levelLabels(levels, room)];
}

function dropLabels(drops: Marks["drops"], { area, row, widthOf }: Room): Label[] {
  const placed = placeLabels(
    drops.map(({ at, texts }) => ({ x: at, texts })),
    { widthOf, within: [area.left, area.left + area.width] },
  );
  return placed.flatMap((label, nth) =>
    label
      ? [{ ...label, at: drops[nth]?.at ?? 0, top: area.top - row, width: widthOf(label.text), height: row }]
      : [],
  );
}

/** Each to the right of its line or to the left, in the lowest row with room; none where there is no room. */
function momentLabels(moments: Marks["moments"], { area, row, widthOf }: Room, below: number): Label[] {
  const placed: Label[] = [];
  for (const { at, text } of moments) {
    const width = widthOf(text);
    const candidates = Array.from({ length: MOMENT_ROWS }, (_, nth) => area.top - (below + nth + 1) * row)
      .flatMap((top) => [at, at - width].map((left) => ({ text, at, left, top, width, height: row })))
      .filter(({ left }) => left >= area.left && left + width <= area.left + area.width);
    const free = candidates.find((box) => !placed.some((other) => overlap(box, other)));
    if (free) placed.push(free);
  }
  return placed;
}

/** To the right of the plot, at their levels' heights or as near as their neighbours let them. */
function levelLabels(levels: Marks["levels"], { area, row, widthOf }: Room): Label[] {
  const most = Math.floor(area.height / row);
  const sorted = levels.toSorted((a, b) => a.at - b.at).slice(0, most);
  const tops = spread(
    sorted.map(({ at }) => at - row / 2),
    row,
    [area.top, area.top + area.height],
  );
  const left = area.left + area.width + row / 2;
  return sorted.map(({ at, text }, nth) => ({
    text,
    at,
    left,
    top: tops[nth] ?? at,
    width: widthOf(text),
    height: row,
  }));
}

/** Moves sorted positions apart to at least `gap`, as little as possible, within the ends. Source: isotonic regression. */
export function spread(sorted: readonly number[], gap: number, [low, high]: [number, number]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const [nth, at] of sorted.entries()) {
    let block = { sum: at - nth * gap, count: 1 };
    for (let last = blocks.at(-1); last && mean(last) > mean(block); last = blocks.at(-1)) {
      block = { sum: last.sum + block.sum, count: last.count + block.count };
      blocks.pop();
    }
    blocks.push(block);
  }
  const highest = high - sorted.length * gap;
  return blocks
    .flatMap((block) => Array.from({ length: block.count }, () => mean(block)))
    .map((at, nth) => Math.max(low, Math.min(at, highest)) + nth * gap);
}

const mean = ({ sum, count }: { sum: number; count: number }): number => sum / count;

export const overlap = (a: Box, b: Box): boolean =>
  a.left < b.left + b.width &&
  b.left < a.left + a.width &&
  a.top < b.top + b.height &&
  b.top < a.top + a.height;
