// Draws what a chart marks: learning-rate drops, moments of a run, and levels, with their labels beside the plot.
import uPlot from "uplot";
import { labels } from "../drops";
import type { Figure, Reference } from "../figure";
import type { Look } from "../look";
import { type Label, labelsOf, type Marks, rowsFor } from "./labels";

const FONT_PX = 12;
const ROW_PX = 15;
const GAP_PX = 4;

/** The margins above and to the right of every panel of a figure, in CSS pixels. */
export type Margins = { top: number; right: number };

export function marginsOf({ drops, moments, references }: Figure): Margins {
  const { top, right } = rowsFor(drops.length, moments.length, references.length);
  return { top: top * ROW_PX, right: right * ROW_PX };
}

export function drawMarks(plot: uPlot, figure: Figure, look: Look): void {
  const { ctx, bbox: area } = plot;
  const pixel = uPlot.pxRatio;
  ctx.save();
  ctx.fillStyle = look.text;
  ctx.strokeStyle = look.text;
  ctx.lineWidth = pixel;
  ctx.font = `${FONT_PX * pixel}px Geist, system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  const marks = shownIn(plot, figure);
  for (const { at } of marks.drops) stroke(plot, [5, 4], [at, area.top, at, area.top + area.height]);
  for (const { at } of marks.moments) stroke(plot, [1, 3], [at, area.top, at, area.top + area.height]);
  for (const level of figure.references) drawLevel(plot, level, look);
  const widthOf = (text: string) => ctx.measureText(text).width + 2 * GAP_PX * pixel;
  for (const label of labelsOf(marks, { area, row: ROW_PX * pixel, widthOf })) write(plot, label);
  ctx.restore();
}

/** The marks in view, in the canvas's pixels. */
function shownIn(plot: uPlot, { drops, moments, references }: Figure): Marks {
  const { left, width, top, height } = plot.bbox;
  const isAcross = ({ at }: { at: number }) => at >= left && at <= left + width;
  return {
    drops: drops
      .map((drop) => ({ at: plot.valToPos(drop.x, "x", true), texts: labels(drop) }))
      .filter(isAcross),
    moments: moments.map(({ x, text }) => ({ at: plot.valToPos(x, "x", true), text })).filter(isAcross),
    levels: references
      .map(({ value }) => ({ at: plot.valToPos(value, "y", true), text: value.toFixed(2) }))
      .filter(({ at }) => at >= top && at <= top + height),
  };
}

/** A level, with a shade of its spread. */
function drawLevel(plot: uPlot, { value, spread = 0 }: Reference, look: Look): void {
  const { ctx, bbox } = plot;
  const heightOf = (at: number) =>
    Math.min(Math.max(plot.valToPos(at, "y", true), bbox.top), bbox.top + bbox.height);
  const y = plot.valToPos(value, "y", true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.globalAlpha = 0.12;
  ctx.fillStyle = look.text;
  const top = heightOf(value + spread);
  ctx.fillRect(bbox.left, top, bbox.width, heightOf(value - spread) - top);
  ctx.restore();
  stroke(plot, [9, 4, 2, 4], [bbox.left, y, bbox.left + bbox.width, y]);
}

/** A label in its margin; a level's is led to from the end of its line. */
function write(plot: uPlot, { text, at, left, top, height }: Label): void {
  const { ctx, bbox } = plot;
  const end = bbox.left + bbox.width;
  if (left > end) stroke(plot, [], [end, at, left, top + height / 2]);
  ctx.fillText(text, left + GAP_PX * uPlot.pxRatio, top + height / 2);
}

function stroke({ ctx }: uPlot, dash: number[], [x0, y0, x1, y1]: [number, number, number, number]): void {
  ctx.setLineDash(dash.map((length) => length * uPlot.pxRatio));
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}
