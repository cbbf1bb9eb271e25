// A quick picture of the screen: the panels' canvases side by side, under their titles.
import type { Plot } from "../canvas/plot";
import type { Look } from "../look";

const [GAP, TITLE] = [16, 24];

export async function pngOf(
  plots: readonly (Plot | undefined)[],
  titles: readonly string[],
  look: Look,
): Promise<Blob | null> {
  const canvases = plots.flatMap((plot) => plot?.canvas ?? []);
  const first = canvases[0];
  if (!first) return null;
  const pixel = first.width / first.clientWidth;
  const head = titles.some(Boolean) ? TITLE * pixel : 0;
  const copy = document.createElement("canvas");
  copy.width = canvases.reduce((sum, { width }) => sum + width + GAP * pixel, 0);
  copy.height = Math.max(...canvases.map(({ height }) => height)) + head;
  const context = copy.getContext("2d");
  if (!context) return null;
  context.fillStyle = look.back;
  context.fillRect(0, 0, copy.width, copy.height);
  context.fillStyle = look.text;
  context.font = `500 ${14 * pixel}px Geist, system-ui, sans-serif`;
  context.textBaseline = "middle";
  let left = 0;
  for (const [nth, canvas] of canvases.entries()) {
    context.fillText(titles[nth] ?? "", left + 44 * pixel, head / 2);
    context.drawImage(canvas, left, head);
    left += canvas.width + GAP * pixel;
  }
  return new Promise((resolve) => copy.toBlob(resolve, "image/png"));
}
