// One x grid for all series of a chart: uPlot draws nothing else.
import type { Column } from "../api/columns";

/** Numbers as a list or as they came from the API. */
export type Numbers = readonly number[] | Column;
/** Values at ascending iterations, of equal length. */
export type Points = { at: Numbers; value: readonly (number | null)[] | Column };

/** uPlot's form: the grid, then one column a series; undefined where a series has no point, so that it is not cut there. */
export type Grid = [number[], ...(number | null | undefined)[][]];

export function merge(series: readonly Points[]): Grid {
  const x = [...new Set(series.flatMap((points) => [...points.at]))].sort((a, b) => a - b);
  return [x, ...series.map((points) => spread(points, x))];
}

/** The index of the last point of a column at or before `index`; undefined where there is none. */
export function lastBefore(column: ArrayLike<number | null | undefined>, index: number): number | undefined {
  for (let i = Math.min(index, column.length - 1); i >= 0; i--) {
    if (column[i] != null) return i;
  }
  return undefined;
}

function spread(points: Points, x: readonly number[]): (number | null | undefined)[] {
  let next = 0;
  return x.map((at) => {
    if (points.at[next] !== at) return undefined;
    return points.value[next++];
  });
}
