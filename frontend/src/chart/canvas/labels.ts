// Finds room for a level's label, so that it covers no curve and no other label.

/** A rectangle of the canvas, in its pixels. */
export type Box = { left: number; top: number; width: number; height: number };

export const overlap = (a: Box, b: Box): boolean =>
  a.left < b.left + b.width &&
  b.left < a.left + a.width &&
  a.top < b.top + b.height &&
  b.top < a.top + a.height;

/**
 * Where a label of this size stands best on its line at `y` inside `area`: above or below it, from left to right. Where no
 * place is free, the one that covers the least; undefined where every place is another label's, or of infinite weight.
 */
export function placeOf(
  size: Pick<Box, "width" | "height">,
  y: number,
  area: Box,
  taken: readonly Box[],
  weightIn: (box: Box) => number,
): Box | undefined {
  const steps = 8;
  const room = area.width - size.width;
  const candidates = Array.from({ length: steps + 1 }, (_, step) => area.left + (room * step) / steps)
    .flatMap((left) => [y - size.height, y].map((top) => ({ left, top, ...size })))
    .filter(({ top }) => top >= area.top && top + size.height <= area.top + area.height)
    .filter((box) => !taken.some((other) => overlap(box, other)));
  let best: { box: Box; weight: number } | undefined;
  for (const box of candidates) {
    const weight = weightIn(box);
    if (weight === 0) return box;
    if (weight < (best?.weight ?? Number.POSITIVE_INFINITY)) best = { box, weight };
  }
  return best?.box;
}
