// Turns the API's columns into a chart's lines, on the view's axis.

import type { Column } from "../api/columns";
import type { Band, Curve } from "../api/types";
import type { Numbers } from "./canvas/grid";
import type { Line, Values } from "./figure";
import type { Axis } from "./view";

export type Style = Pick<Line, "key" | "legend" | "panel" | "name" | "hue" | "dash" | "weight">;

/** A run's curve, with its buckets' ranges shaded if `hasRange`, and the raw curve behind it where it is smoothed. */
export function lineOf(curve: Curve | undefined, style: Style, hasRange = false): Line {
  const at = curve?.x ?? curve?.iteration ?? [];
  const mean: Values = curve?.mean ?? [];
  const line: Line = {
    ...style,
    points: { at, value: curve?.smoothed ?? mean },
    iteration: curve?.iteration ?? [],
    behind: curve?.points ?? 0,
  };
  if (curve?.smoothed) line.raw = mean;
  if (curve?.last) line.last = curve.last;
  if (curve?.least && curve.most) {
    line.extremes = { least: curve.least, most: curve.most };
    if (hasRange) line.shade = { low: curve.least, high: curve.most };
  }
  return line;
}

/** A mean over seeds, with one standard deviation on either side. */
export function bandOf(band: Band | undefined, style: Style): Line {
  if (!band) return lineOf(undefined, style);
  const edge = (sign: number) => Float32Array.from(band.mean, (mean, i) => mean + sign * (band.std[i] || 0));
  return {
    ...style,
    points: { at: band.x ?? band.iteration, value: band.smoothed ?? band.mean },
    iteration: band.iteration,
    shade: { low: edge(-1), high: edge(1) },
    extremes: { least: band.least, most: band.most },
    ...(band.last && { last: band.last }),
    n: band.n,
    behind: band.points,
  };
}

/** An iteration's position on an axis, read from a curve; undefined for a time that is still to come. */
export function positionOf(iteration: number, axis: Axis, curve: Curve | undefined): number | undefined {
  if (axis === "iteration") return iteration;
  const [at, x] = [curve?.iteration, curve?.x];
  if (!at || !x) return undefined;
  const [last, end] = [at.at(-1), x.at(-1)];
  if (last === undefined || end === undefined) return undefined;
  if (axis === "epoch" || axis === "images") return (end / last) * iteration;
  return iteration > last ? undefined : between(iteration, at, x);
}

/** The iteration at a position on an axis, read from a line. */
export function iterationAt(x: number, axis: Axis, line: Line | undefined): number | undefined {
  if (axis === "iteration") return x;
  return line && line.iteration.length > 0 ? between(x, line.points.at, line.iteration) : undefined;
}

/** Interpolates linearly between two points; outside of all points, the value at the nearer end. */
function between(value: number, from: Numbers, to: Numbers | Column): number | undefined {
  const next = from.findIndex((point: number) => point >= value);
  if (next <= 0) return next < 0 ? to.at(-1) : to[0];
  const [a = 0, b = 0, c = 0, d = 0] = [from[next - 1], from[next], to[next - 1], to[next]];
  return c + ((value - a) / (b - a)) * (d - c);
}
