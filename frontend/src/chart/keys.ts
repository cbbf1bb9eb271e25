// What the keys do to a chart's cursor and window.
import type { Cursor } from "./cursor";
import type { Figure } from "./figure";

type Zoom = (range: [number, number] | undefined) => void;

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -50, PageDown: 50 };

/** Handles arrows (with Shift by ten), Page, Home, End, Enter, Escape, + − 0; returns false for any other key. */
export function press(
  { key, shiftKey }: { key: string; shiftKey: boolean },
  figure: Figure,
  cursor: Cursor,
  zoom: Zoom,
): boolean {
  const grid = gridOf(figure);
  const { x } = cursor.now();
  const index =
    x === undefined
      ? grid.length - 1
      : Math.max(
          grid.findLastIndex((at) => at <= x),
          0,
        );
  const to = (target: number) => cursor.step(grid[Math.min(Math.max(target, 0), grid.length - 1)] ?? 0);
  const by = STEPS[key];
  if (grid.length === 0) return false;
  if (by !== undefined) to(x === undefined ? index : index + by * (shiftKey ? 10 : 1));
  else if (key === "Home") to(0);
  else if (key === "End") to(grid.length - 1);
  else if (key === "Enter") cursor.pin(x ?? grid[index]);
  else if (key === "Escape") cursor.release();
  else if (key === "+") zoom(around(x ?? grid[index] ?? 0, figure.x, 0.25));
  else if (key === "-") zoom(around(x ?? grid[index] ?? 0, figure.x, 1));
  else if (key === "0") zoom(undefined);
  else return false;
  return true;
}

const gridOf = ({ lines, x: [low, high] }: Figure): number[] =>
  [...new Set(lines.flatMap(({ points }) => [...points.at]))]
    .filter((at) => at >= low && at <= high)
    .sort((a, b) => a - b);

/** A window around `x`, with `part` of the present window on either side. */
const around = (x: number, [low, high]: readonly [number, number], part: number): [number, number] => [
  Math.max(x - part * (high - low), 0),
  x + part * (high - low),
];
