// Draws over the curves: learning-rate drops, moments of a run, reference lines.
import uPlot from "uplot";
import { labels } from "../drops";
import type { Figure } from "../figure";
import type { Look } from "../look";
import { placeLabels } from "./dropLabels";
import { countUpTo } from "./grid";
import { type Box, placeOf } from "./labels";

const FONT_PX = 12;

export function drawMarks(plot: uPlot, figure: Figure, look: Look): void {
  const { moments } = figure;
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = look.text;
  ctx.strokeStyle = look.text;
  ctx.lineWidth = uPlot.pxRatio;
  ctx.font = `${FONT_PX * uPlot.pxRatio}px Geist, system-ui, sans-serif`;
  drawDrops(plot, figure, look);
  for (const [index, { x, text }] of moments.entries()) {
    upright(plot, look, x, { text, dash: [1, 3], row: 2 + (index % 3) });
  }
  levels(plot, figure, look);
  ctx.restore();
}

/** The drops that are in view, as lines with labels between them. */
function drawDrops(plot: uPlot, figure: Figure, look: Look): void {
  const { ctx, bbox } = plot;
  const gap = 5 * uPlot.pxRatio;
  const top = bbox.top + 4 * uPlot.pxRatio;
  const height = FONT_PX * uPlot.pxRatio;
  const [start, end] = [bbox.left, bbox.left + bbox.width];
  const shown = figure.drops
    .map((drop) => ({ x: plot.valToPos(drop.x, "x", true), texts: labels(drop) }))
    .filter(({ x }) => x >= start && x <= end);
  const placed = placeLabels(shown, {
    widthOf: (text) => ctx.measureText(text).width + 2 * gap,
    within: [start, end],
    isFree: (left, width) => weightIn(plot, figure, { left, top, width, height }) === 0,
  });
  ctx.textBaseline = "top";
  ctx.textAlign = "left";
  for (const { x } of shown) stroke(plot, [5, 4], [x, bbox.top, x, bbox.top + bbox.height]);
  for (const label of placed) if (label) write(plot, look, label.text, [label.left + gap, top]);
}

type Mark = { text: string; dash: number[]; row: number };

function upright(plot: uPlot, look: Look, at: number, { text, dash, row }: Mark): void {
  const { ctx, bbox } = plot;
  const pixel = uPlot.pxRatio;
  const x = plot.valToPos(at, "x", true);
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  stroke(plot, dash, [x, bbox.top, x, bbox.top + bbox.height]);
  const fits = x + ctx.measureText(text).width + 8 * pixel < bbox.left + bbox.width;
  ctx.textBaseline = "top";
  ctx.textAlign = fits ? "left" : "right";
  write(plot, look, text, [x + (fits ? 5 : -5) * pixel, bbox.top + (4 + 15 * row) * pixel]);
}

/** Levels, each with a shade of its spread, and over them their labels, which cover neither curves nor each other. */
function levels(plot: uPlot, figure: Figure, look: Look): void {
  const { ctx, bbox } = plot;
  const shown = figure.references
    .map((level) => ({ ...level, y: plot.valToPos(level.value, "y", true) }))
    .filter(({ y }) => y >= bbox.top && y <= bbox.top + bbox.height);
  for (const { value, spread, y } of shown) {
    if (spread) shade(plot, value, spread, look);
    stroke(plot, [9, 4, 2, 4], [bbox.left, y, bbox.left + bbox.width, y]);
  }
  const taken: Box[] = [];
  for (const { value, name, y } of shown) {
    const widthOf = (text: string) => ctx.measureText(text).width + 8 * uPlot.pxRatio;
    // Where a panel is too narrow, without what stands in brackets.
    const label = widthOf(name) < bbox.width ? name : name.replace(/ \(.*\)$/, "");
    const size = { width: widthOf(label), height: (FONT_PX + 4) * uPlot.pxRatio };
    const place = placeOf(size, y, bbox, taken, (box) => weightIn(plot, figure, box, value));
    if (!place) continue;
    taken.push(place);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    write(plot, look, label, [place.left + 4 * uPlot.pxRatio, place.top + size.height / 2]);
  }
}

function shade(plot: uPlot, value: number, spread: number, look: Look): void {
  const { ctx, bbox } = plot;
  const [top, bottom] = [value + spread, value - spread].map((at) => plot.valToPos(at, "y", true)) as [
    number,
    number,
  ];
  ctx.save();
  ctx.globalAlpha = 0.12;
  ctx.fillStyle = look.text;
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  ctx.restore();
}

// What a label covers weighs more where readers look: a bold curve, and most of all a curve's end.
const [BOLD_WEIGHT, END_WEIGHT] = [10, 1000];

/** How many pieces of curves a label in this box would cover. No label is struck through by another level. */
function weightIn(plot: uPlot, figure: Figure, { left, top, width, height }: Box, own?: number): number {
  const [first, last] = [left, left + width].map((x) => plot.posToVal(x, "x", true)) as [number, number];
  const [high, low] = [top, top + height].map((y) => plot.posToVal(y, "y", true)) as [number, number];
  if (figure.references.some(({ value }) => value !== own && value >= low && value <= high))
    return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (const { points, weight } of figure.lines) {
    const end = points.at.length - 1;
    for (let i = Math.max(countUpTo(points.at, first), 1); i <= end; i++) {
      const [before, value] = [points.value[i - 1], points.value[i]];
      if ((points.at[i - 1] ?? last) > last) break;
      if (before == null || value == null) continue;
      if (Math.max(before, value) < low || Math.min(before, value) > high) continue;
      sum += i === end ? END_WEIGHT : weight === "bold" ? BOLD_WEIGHT : 1;
    }
  }
  return sum;
}

/** Text with a rim of the background, readable also on a curve. */
function write({ ctx }: uPlot, look: Look, text: string, [x, y]: [number, number]): void {
  ctx.setLineDash([]);
  ctx.save();
  ctx.lineWidth = 3 * uPlot.pxRatio;
  ctx.lineJoin = "round";
  ctx.strokeStyle = look.back;
  ctx.strokeText(text, x, y);
  ctx.restore();
  ctx.fillText(text, x, y);
}

function stroke({ ctx }: uPlot, dash: number[], [x0, y0, x1, y1]: [number, number, number, number]): void {
  ctx.setLineDash(dash.map((length) => length * uPlot.pxRatio));
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}
