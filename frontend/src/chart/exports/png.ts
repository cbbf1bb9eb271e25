// A quick picture of the screen: the panels' canvases side by side, under their titles and above their levels' names.
import type { Plot } from "../canvas/plot";
import { type Figure, levelName } from "../figure";
import type { Look } from "../look";

/** A panel's title and its part of the figure. */
export type Part = { title: string; part: Figure };

const [GAP, ROW, INSET] = [16, 20, 44];

export async function pngOf(
  plots: readonly (Plot | undefined)[],
  parts: readonly Part[],
  look: Look,
): Promise<Blob | null> {
  const canvases = plots.flatMap((plot) => plot?.canvas ?? []);
  const first = canvases[0];
  if (!first) return null;
  const pixel = first.width / first.clientWidth;
  const head = parts.some(({ title }) => title) ? ROW * pixel : 0;
  const names = parts.map(({ part }) => part.references.map(levelName));
  const foot = Math.max(...names.map(({ length }) => length), 0) * ROW * pixel;
  const copy = document.createElement("canvas");
  copy.width = canvases.reduce((sum, { width }) => sum + width + GAP * pixel, 0);
  const height = Math.max(...canvases.map((canvas) => canvas.height));
  copy.height = head + height + foot;
  const context = copy.getContext("2d");
  if (!context) return null;
  context.fillStyle = look.back;
  context.fillRect(0, 0, copy.width, copy.height);
  context.fillStyle = look.text;
  context.textBaseline = "middle";
  let left = 0;
  for (const [nth, canvas] of canvases.entries()) {
    const write = (text: string, size: number, top: number) => {
      context.font = `${size * pixel}px Geist, system-ui, sans-serif`;
      context.fillText(text, left + INSET * pixel, top, canvas.width - INSET * pixel);
    };
    write(parts[nth]?.title ?? "", 14, head / 2);
    context.drawImage(canvas, left, head);
    for (const [row, name] of (names[nth] ?? []).entries())
      write(name, 12, head + height + (row + 0.5) * ROW * pixel);
    left += canvas.width + GAP * pixel;
  }
  return new Promise((resolve) => copy.toBlob(resolve, "image/png"));
}
