// Finds room for the labels of learning-rate drops, so that none crosses the line of another drop or leaves the chart.

/** A drop at `x` pixels, with its label and shorter ones for less room. */
export type DropAt = { x: number; texts: readonly string[] };
/** The first of the texts for which there is room, and where it begins. */
export type Placed = { text: string; left: number };

type Room = {
  widthOf: (text: string) => number;
  /** Where the chart begins and ends. */
  within: readonly [number, number];
};

/**
 * Each label stands right of its own line, or left of it where there is no room. A shorter text takes its place where
 * there is no room on either side, and none where not even that has room. The drops are in order.
 */
export function placeLabels(
  drops: readonly DropAt[],
  { widthOf, within: [start, end] }: Room,
): (Placed | undefined)[] {
  let taken = start;
  return drops.map(({ x, texts }, nth) => {
    const [before, after] = [Math.max(drops[nth - 1]?.x ?? start, taken), drops[nth + 1]?.x ?? end];
    for (const text of texts) {
      const width = widthOf(text);
      const fitsLeft = x - width >= before;
      if (x + width > after && !fitsLeft) continue;
      const left = x + width <= after ? x : x - width;
      taken = left + width;
      return { text, left };
    }
    return undefined;
  });
}
