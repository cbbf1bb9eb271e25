// One x grid for all series of a chart: uPlot draws nothing else.
import type { Column } from "../../api/columns";

/** Numbers as a list or as they came from the API. */
export type Numbers = readonly number[] | Column;
/** Values at ascending iterations, of equal length. */
export type Points = { at: Numbers; value: readonly (number | null)[] | Column };

/** uPlot's form: the grid, then one column a series; undefined where a series has no point, so that it is not cut there. */
export type Grid = [Numbers, ...(Points["value"] | (number | null | undefined)[])[]];

export function merge(series: readonly Points[]): Grid {
  const x = union(series.map(({ at }) => at));
  return [x, ...series.map((points) => (isSame(points.at, x) ? points.value : spread(points, x)))];
}

/** Ascending, each once. Most series of a chart have the same grid, and then nothing is copied or sorted. */
function union(grids: readonly Numbers[]): Numbers {
  const [first = [], ...others] = grids.filter(({ length }) => length > 0);
  const differing = others.filter((grid) => !isSame(grid, first));
  if (differing.length === 0) return first;
  return [...new Set([first, ...differing].flatMap((grid) => [...grid]))].sort((a, b) => a - b);
}

function isSame(one: Numbers, other: Numbers): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

/** The index of the last point of a column at or before `index`; undefined where there is none. */
export function lastBefore(column: ArrayLike<number | null | undefined>, index: number): number | undefined {
  for (let i = Math.min(index, column.length - 1); i >= 0; i--) {
    if (column[i] != null) return i;
  }
  return undefined;
}

function spread(points: Points, x: Numbers): (number | null | undefined)[] {
  let next = 0;
  return Array.from(x, (at) => {
    if (points.at[next] !== at) return undefined;
    return points.value[next++];
  });
}
