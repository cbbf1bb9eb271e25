// The files that the page makes itself: a picture of the screen, and the numbers behind it.
import type { Plot } from "../canvas/plot";
import type { Figure } from "../figure";
import type { Look } from "../look";
import { csvOf, pointsOf } from "./csv";
import { type Part, pngOf } from "./png";
import { save } from "./save";

export async function saveScreen(
  plots: readonly (Plot | undefined)[],
  parts: readonly Part[],
  look: Look,
  name: string,
): Promise<void> {
  const image = await pngOf(plots, parts, look);
  if (image) save(image, name);
}

export const saveNumbers = (figure: Figure, name: string): void =>
  save(new Blob([csvOf(pointsOf(figure))], { type: "text/csv" }), name);
