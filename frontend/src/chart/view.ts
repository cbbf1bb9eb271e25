// The view of a page's charts, which the address's query holds: preset, axes, smoothing, window.

export const AXES = ["iteration", "epoch", "images", "wall_time", "relative_time", "device_seconds"] as const;
export type Axis = (typeof AXES)[number];
export const HEIGHTS = ["zero", "fixed", "percentile"] as const;
export type Height = (typeof HEIGHTS)[number];
export const LOGS = ["x", "y", "xy"] as const;
export type Log = (typeof LOGS)[number];
export const PRESETS = ["fig4", "fig6"] as const;
export type Preset = (typeof PRESETS)[number];

/** The defaults are: no preset, by iteration, linear, y from 0, unsmoothed, the whole run. */
export type View = {
  preset?: Preset | undefined;
  x?: Axis | undefined;
  y?: Height | undefined;
  /** The range in percent where `y` is "fixed". */
  low?: number | undefined;
  high?: number | undefined;
  log?: Log | undefined;
  /** The weight of earlier points, 0 to 0.99. */
  smooth?: number | undefined;
  /** The window of a zoom, in iterations. */
  from?: number | undefined;
  to?: number | undefined;
  /** Marks attempts, pauses and checkpoints. */
  marks?: true | undefined;
};

/** Reads an address's query, and leaves out what it doesn't understand: old links never break. */
export function readView(query: Record<string, unknown>): View {
  const { preset, x, y, low, high, log, smooth, from, to, marks } = query;
  const [first, last] = [iteration(from), iteration(to)];
  const isWindow = first !== undefined && last !== undefined && first < last;
  const [bottom, top] = [bounded(low, 0, 100), bounded(high, 0, 100)];
  const isRange = bottom !== undefined && top !== undefined && bottom < top;
  return {
    preset: choiceOf(PRESETS, preset),
    x: choiceOf(AXES, x),
    y: choiceOf(HEIGHTS, y),
    ...(isRange && { low: bottom, high: top }),
    log: choiceOf(LOGS, log),
    smooth: bounded(smooth, 0, 0.99) || undefined,
    ...(isWindow && { from: first, to: last }),
    marks: marks === true || undefined,
  };
}

const choiceOf = <T>(choices: readonly T[], value: unknown): T | undefined =>
  choices.find((choice) => choice === value);

const bounded = (value: unknown, least: number, most: number): number | undefined =>
  typeof value === "number" && value >= least && value <= most ? value : undefined;

const iteration = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 1e8 ? value : undefined;

/** The y range that a view asks for, in percent; undefined where the data decide. Fig. 4 is 20–60 %, Fig. 6 0–20 %. */
export function fixedRange({ preset, y, low = 0, high = 100 }: View): [number, number] | undefined {
  if (preset === "fig4") return [20, 60];
  if (preset === "fig6") return [0, 20];
  return y === "fixed" ? [low, high] : undefined;
}

/** The same axes, with y switched between linear and logarithmic. */
export function withOtherY(log: Log | undefined): Log | undefined {
  const [x, y] = [log === "x" || log === "xy", log === "y" || log === "xy"];
  if (y) return x ? "x" : undefined;
  return x ? "xy" : "y";
}

const MIN = 60;
const HOUR = 3600;

/** The label under the x axis. */
export function labelOf({ preset, x }: View): string {
  switch (x ?? "iteration") {
    case "epoch":
      return "epochs";
    case "images":
      return "training images";
    case "wall_time":
      return "time";
    case "relative_time":
      return "time since the start";
    case "device_seconds":
      return "device time";
    default:
      return preset ? "iter. (1e4)" : "iterations";
  }
}

export function tick(value: number, { preset, x = "iteration" }: View): string {
  if (x === "wall_time") return new Date(value * 1000).toLocaleTimeString("en-GB");
  if (x === "relative_time" || x === "device_seconds") return span(value);
  if (x === "iteration" && preset) return String(Number((value / 1e4).toPrecision(3)));
  if (value >= 1e6) return `${short(value / 1e6)}M`;
  return value >= 1000 ? `${short(value / 1000)}k` : short(value);
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** 45 → "45s", 90 → "1.5m", 5400 → "1.5h" */
function span(seconds: number): string {
  if (seconds < MIN) return `${short(seconds)}s`;
  return seconds < HOUR ? `${short(seconds / MIN)}m` : `${short(seconds / HOUR)}h`;
}
