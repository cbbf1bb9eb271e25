// Finds room for the labels of learning-rate drops, so that none crosses the line of another drop or leaves the chart.

/** A drop at `x` pixels, with its label and shorter ones for less room. */
export type DropAt = { x: number; texts: readonly string[] };
/** The first of the texts for which there is room, and where it begins. */
export type Placed = { text: string; left: number };

/**
 * Each label stands right of its own line, or where there is no room, left of it; a shorter text where neither has room,
 * and none where not even that has. The drops are in order.
 */
export function placeLabels(
  drops: readonly DropAt[],
  widthOf: (text: string) => number,
  [start, end]: readonly [number, number],
): (Placed | undefined)[] {
  let taken = start;
  return drops.map(({ x, texts }, nth) => {
    const [before, after] = [Math.max(drops[nth - 1]?.x ?? start, taken), drops[nth + 1]?.x ?? end];
    for (const text of texts) {
      const width = widthOf(text);
      const left = x + width <= after ? x : x - width >= before ? x - width : undefined;
      if (left === undefined) continue;
      taken = left + width;
      return { text, left };
    }
    return undefined;
  });
}
