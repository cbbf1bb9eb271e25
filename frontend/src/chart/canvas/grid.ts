// Puts all series of a chart on one x grid, as uPlot needs it.
import type { Column } from "../../api/columns";

/** Numbers as a list or as the API's column. */
export type Numbers = readonly number[] | Column;
/** Values at ascending iterations, of equal length. */
export type Points = { at: Numbers; value: readonly (number | null)[] | Column };

/** uPlot's form: the grid, then one column per series. A missing point is undefined; null would interrupt the line. */
export type Grid = [Numbers, ...(Points["value"] | (number | null | undefined)[])[]];

export function merge(series: readonly Points[]): Grid {
  const x = union(series.map(({ at }) => at));
  return [x, ...series.map((points) => (isSame(points.at, x) ? points.value : spread(points, x)))];
}

/** Ascending, without duplicates. Most series of a chart have the same grid; then nothing is copied or sorted. */
function union(grids: readonly Numbers[]): Numbers {
  const [first = [], ...others] = grids.filter(({ length }) => length > 0);
  const differing = others.filter((grid) => !isSame(grid, first));
  if (differing.length === 0) return first;
  return [...new Set([first, ...differing].flatMap((grid) => [...grid]))].sort((a, b) => a - b);
}

function isSame(a: Numbers, b: Numbers): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The index of the last point of a column at or before `index`; undefined where there is none. */
export function lastBefore(column: ArrayLike<number | null | undefined>, index: number): number | undefined {
  for (let i = Math.min(index, column.length - 1); i >= 0; i--) {
    if (column[i] != null) return i;
  }
  return undefined;
}

/** How many of ascending numbers are at most `x`. */
export function countUpTo(at: ArrayLike<number>, x: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? Number.POSITIVE_INFINITY) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function spread(points: Points, x: Numbers): (number | null | undefined)[] {
  let next = 0;
  return Array.from(x, (at) => {
    if (points.at[next] !== at) return undefined;
    return points.value[next++];
  });
}
