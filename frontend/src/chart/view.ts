// The view of a page's charts, which the address's query holds: preset, axes, smoothing, window.

import type { PaperFigure } from "../api/client";

export const AXES = ["iteration", "epoch", "images", "wall_time", "relative_time", "device_seconds"] as const;
export type Axis = (typeof AXES)[number];
export const HEIGHTS = ["zero", "fixed", "percentile"] as const;
export type Height = (typeof HEIGHTS)[number];
export const LOGS = ["x", "y", "xy"] as const;
export type Log = (typeof LOGS)[number];
export type Preset = NonNullable<PaperFigure["preset"]>;
export const PRESETS: readonly Preset[] = ["fig4", "fig6"];

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

/** A view with the figure of the paper whose axes and lines its preset copies. */
export type ChartView = View & { printed?: PaperFigure | undefined };

/** Reads an address's query, and leaves out what it doesn't understand: old links never break. */
export function readView(query: Record<string, unknown>): View {
  const { preset, x, y, low, high, log, smooth, from, to, marks } = query;
  const [first, last] = [iteration(from), iteration(to)];
  const isWindow = first !== undefined && last !== undefined && first < last;
  const [bottom, top] = [numberWithin(low, 0, 100), numberWithin(high, 0, 100)];
  const isRange = bottom !== undefined && top !== undefined && bottom < top;
  return {
    preset: choiceOf(PRESETS, preset),
    x: choiceOf(AXES, x),
    y: choiceOf(HEIGHTS, y),
    ...(isRange && { low: bottom, high: top }),
    log: choiceOf(LOGS, log),
    smooth: numberWithin(smooth, 0, 0.99) || undefined,
    ...(isWindow && { from: first, to: last }),
    marks: marks === true || undefined,
  };
}

const choiceOf = <T>(choices: readonly T[], value: unknown): T | undefined =>
  choices.find((choice) => choice === value);

const numberWithin = (value: unknown, least: number, most: number): number | undefined =>
  typeof value === "number" && value >= least && value <= most ? value : undefined;

const iteration = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 1e8 ? value : undefined;

/** The y range in percent that a view fixes, by its preset or by hand; undefined where the data decide. */
export function fixedRange({ printed, y, low = 0, high = 100 }: ChartView): [number, number] | undefined {
  if (printed?.y) return [printed.y.low, printed.y.high];
  return y === "fixed" ? [low, high] : undefined;
}

/** How many steps the training error's dashes are from the bold error's: 1 where the paper's figure dashes training. */
export const trainingDash = ({ printed }: ChartView): number => (printed?.training === "dashed" ? 1 : 0);

/** The same axes, with y switched between linear and logarithmic. */
export function withOtherY(log: Log | undefined): Log | undefined {
  const [x, y] = [log === "x" || log === "xy", log === "y" || log === "xy"];
  if (y) return x ? "x" : undefined;
  return x ? "xy" : "y";
}

const MIN = 60;
const HOUR = 3600;

/** The label under the x axis. */
export function labelOf({ printed, x }: ChartView): string {
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
      return printed?.x?.label ?? "iterations";
  }
}

export function tick(value: number, { printed, x = "iteration" }: ChartView): string {
  if (x === "wall_time") return new Date(value * 1000).toLocaleTimeString("en-GB");
  if (x === "relative_time" || x === "device_seconds") return span(value);
  if (x === "iteration" && printed?.x)
    return String(Number((value / unitIn(printed.x.label)).toPrecision(3)));
  if (value >= 1e6) return `${short(value / 1e6)}M`;
  return value >= 1000 ? `${short(value / 1000)}k` : short(value);
}

/** The unit of a printed axis: "iter. (1e4)" → 10000 */
const unitIn = (label: string): number => Number(/\((1e\d+)\)/.exec(label)?.[1] ?? 1);

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** 45 → "45s", 90 → "1.5m", 5400 → "1.5h" */
function span(seconds: number): string {
  if (seconds < MIN) return `${short(seconds)}s`;
  return seconds < HOUR ? `${short(seconds / MIN)}m` : `${short(seconds / HOUR)}h`;
}
