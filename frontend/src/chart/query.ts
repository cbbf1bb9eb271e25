// What a view asks of the API: the window, the axis, the smoothing, no more buckets than a screen has pixels.
import type { CurvesQuery } from "../api/client";
import type { View } from "./view";

// Of a chart that is as wide as the page; of all runs and series together what draws in a blink.
const [PIXELS, MOST] = [1200, 120_000];

type Reached = { iteration: number; iterations: number };

/** Of a `young` run only the part that is drawn, whose buckets are smaller than those of its whole schedule. */
export function askedBy(
  run: readonly string[],
  series: readonly string[],
  { preset, x, smooth, from, to }: View,
  young?: Reached,
): CurvesQuery {
  const part = young && !preset && isByIteration(x) ? partOf(young.iterations, young.iteration) : undefined;
  const last = to ?? (part === young?.iterations ? undefined : part);
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

/** The part of the x axis that is shown: of iterations what is asked for, of other axes the data decide. */
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
 * The half, quarter, eighth … of the schedule that holds all that has come: a run of days is no sliver at the left edge
 * at first, and the axis changes seldom. A preset has the paper's axis, which is the whole schedule.
 */
const partOf = (iterations: number, reached: number): number =>
  reached > 0 && reached < iterations
    ? Math.ceil(iterations / 2 ** Math.floor(Math.log2(iterations / reached)))
    : iterations;

const isByIteration = (axis: View["x"]): boolean => !axis || axis === "iteration";
