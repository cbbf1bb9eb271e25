// Draws over the curves: learning-rate drops, moments of a run, reference lines.
import uPlot from "uplot";
import { label } from "../drops";
import type { Figure } from "../figure";
import type { Look } from "../look";

const FONT_PX = 12;

export function drawMarks(plot: uPlot, { drops, moments, references }: Figure, look: Look): void {
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = look.text;
  ctx.strokeStyle = look.text;
  ctx.lineWidth = uPlot.pxRatio;
  ctx.font = `${FONT_PX * uPlot.pxRatio}px Geist, system-ui, sans-serif`;
  let end = 0; // where the previous text ends: the next must not overlap it
  for (const drop of drops) {
    const x = plot.valToPos(drop.x, "x", true);
    upright(plot, drop.x, { text: label(drop), dash: [5, 4], row: x < end ? 1 : 0 });
    end = x + ctx.measureText(label(drop)).width + 10 * uPlot.pxRatio;
  }
  for (const [index, { x, text }] of moments.entries()) {
    upright(plot, x, { text, dash: [1, 3], row: 2 + (index % 3) });
  }
  for (const { name, value } of references) level(plot, value, name);
  ctx.restore();
}

type Mark = { text: string; dash: number[]; row: number };

function upright(plot: uPlot, at: number, { text, dash, row }: Mark): void {
  const { ctx, bbox } = plot;
  const pixel = uPlot.pxRatio;
  const x = plot.valToPos(at, "x", true);
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  stroke(plot, dash, [x, bbox.top, x, bbox.top + bbox.height]);
  const fits = x + ctx.measureText(text).width + 8 * pixel < bbox.left + bbox.width;
  ctx.textBaseline = "top";
  ctx.textAlign = fits ? "left" : "right";
  ctx.fillText(text, x + (fits ? 5 : -5) * pixel, bbox.top + (4 + 15 * row) * pixel);
}

function level(plot: uPlot, value: number, text: string): void {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(value, "y", true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  stroke(plot, [9, 4, 2, 4], [bbox.left, y, bbox.left + bbox.width, y]);
  ctx.textBaseline = "bottom";
  ctx.textAlign = "right";
  ctx.fillText(text, bbox.left + bbox.width - 4 * uPlot.pxRatio, y - 2 * uPlot.pxRatio);
}

function stroke({ ctx }: uPlot, dash: number[], [x0, y0, x1, y1]: [number, number, number, number]): void {
  ctx.setLineDash(dash.map((length) => length * uPlot.pxRatio));
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}
