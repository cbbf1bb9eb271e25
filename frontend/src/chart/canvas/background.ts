// Draws behind the curves: the shade between a bucket's extremes or around a mean, and the curve before smoothing.
import uPlot from "uplot";
import type { Figure, Line } from "../figure";
import { colorOf, type Look } from "../look";
import type { Numbers } from "./grid";

type Column = ArrayLike<number | null>;

/** Each shade is one path. uPlot's bands would take two more series and two clips a line: most of the time at 50 runs. */
export function drawBehind(plot: uPlot, { lines }: Figure, look: Look): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const line of lines) if (line.shade) shade(plot, line, line.shade, `${colorOf(line, look)}26`);
  for (const line of lines) if (line.raw) curve(plot, line, line.raw, `${colorOf(line, look)}40`);
  ctx.restore();
}

function shade(plot: uPlot, { points }: Line, { low, high }: NonNullable<Line["shade"]>, fill: string): void {
  const { ctx } = plot;
  const count = points.at.length;
  ctx.beginPath();
  trace(
    plot,
    points.at,
    high,
    Array.from({ length: count }, (_, i) => i),
  );
  trace(
    plot,
    points.at,
    low,
    Array.from({ length: count }, (_, i) => count - 1 - i),
  );
  ctx.fillStyle = fill;
  ctx.fill();
}

function curve(plot: uPlot, { points }: Line, value: Column, stroke: string): void {
  const { ctx } = plot;
  ctx.beginPath();
  trace(
    plot,
    points.at,
    value,
    Array.from(points.at, (_, i) => i),
  );
  ctx.strokeStyle = stroke;
  ctx.lineWidth = uPlot.pxRatio;
  ctx.stroke();
}

/** Continues the path through these points, without those that have no value. */
function trace(plot: uPlot, at: Numbers, value: Column, order: readonly number[]): void {
  for (const i of order) {
    const [x, y] = [at[i], value[i]];
    if (x === undefined || y == null || Number.isNaN(y)) continue;
    plot.ctx.lineTo(plot.valToPos(x, "x", true), plot.valToPos(y, "y", true));
  }
}
