// The query that a view sends to the API: window, axis, smoothing, and no more buckets than a screen has pixels.
import type { CurvesQuery } from "../api/types";
import type { View } from "./view";

// The width of a chart as wide as the page; and the most points of all runs and series together that draw at once.
const [PIXELS, MOST] = [1200, 120_000];

type Progress = { iteration: number; iterations: number };

/** With the `progress` of a run that has just begun, only the part that is drawn, so that its buckets are small. */
export function queryOf(
  run: readonly string[],
  series: readonly string[],
  { preset, x, smooth, from, to }: View,
  progress?: Progress,
): CurvesQuery {
  const part =
    progress && !preset && isByIteration(x) ? partOf(progress.iterations, progress.iteration) : undefined;
  const last = to ?? (part === progress?.iterations ? undefined : part);
  const points = Math.max(Math.min(PIXELS, Math.floor(MOST / (run.length * series.length))), 50);
  return {
    run: [...run],
    series: series.join(","),
    points,
    ...(x && { x }),
    ...(smooth && { smoothing: smooth }),
    ...(from && { from }),
    ...(last && { to: last }),
  };
}

/** The part of the x axis that is shown: by iteration the view decides, on other axes the data. */
export function windowOf(
  { preset, x: axis, from, to }: View,
  iterations: number,
  lines: readonly { points: { at: ArrayLike<number> } }[],
): [number, number] {
  const ends = lines.flatMap(({ points: { at } }) =>
    at.length > 0 ? [at[0] ?? 0, at[at.length - 1] ?? 0] : [],
  );
  if (isByIteration(axis)) {
    if (from && to) return [from, to];
    return [0, preset ? iterations : partOf(iterations, Math.max(...ends, 0))];
  }
  const low = axis === "wall_time" || from ? Math.min(...ends) : 0;
  return ends.length > 0 ? [low, Math.max(...ends, low + 1e-9)] : [0, 1];
}

/**
 * The half, quarter, eighth … of the schedule that holds all points so far: the first hours of a run of days are more
 * than a sliver at the left edge, and the axis seldom changes. A preset has the paper's axis, the whole schedule.
 */
const partOf = (iterations: number, reached: number): number =>
  reached > 0 && reached < iterations
    ? Math.ceil(iterations / 2 ** Math.floor(Math.log2(iterations / reached)))
    : iterations;

const isByIteration = (axis: View["x"]): boolean => !axis || axis === "iteration";
