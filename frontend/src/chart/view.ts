// The view of a page's charts, which the address's query holds: preset, axes, smoothing, window.

import type { PaperFigure } from "../api/types";
import { duration } from "../units";

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
  /** The weight of earlier points, 0 to 0.999: an average over up to 1,000 of 64,000 iterations. */
  smooth?: number | undefined;
  /** Shades each bucket's range; where it is left out, `showsRange` decides. */
  range?: boolean | undefined;
  /** The keys of the hidden curves. */
  hide?: readonly string[] | undefined;
  /** The picked hues as "key:hue". */
  hue?: readonly string[] | undefined;
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
  const { preset, x, y, low, high, log, smooth, range, from, to, marks } = query;
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
    smooth: numberWithin(smooth, 0, 0.999) || undefined,
    range: typeof range === "boolean" ? range : undefined,
    hide: textsOf(query.hide, /^[\w-]{1,40}$/),
    hue: textsOf(query.hue, /^[\w-]{1,40}:[0-7]$/),
    ...(isWindow && { from: first, to: last }),
    marks: marks === true || undefined,
  };
}

/** The texts of a list that match; the router parses digits as a number. */
function textsOf(value: unknown, pattern: RegExp): string[] | undefined {
  const texts = [value]
    .flat()
    .map(String)
    .filter((text) => pattern.test(text));
  return value === undefined || texts.length === 0 ? undefined : texts;
}

const choiceOf = <T>(choices: readonly T[], value: unknown): T | undefined =>
  choices.find((choice) => choice === value);

const numberWithin = (value: unknown, least: number, most: number): number | undefined =>
  typeof value === "number" && value >= least && value <= most ? value : undefined;

const iteration = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 1e8 ? value : undefined;

/** Whether each bucket's range is shaded: unless the reader chose, only for a single run's raw curve in the free form. */
export const showsRange = ({ range, preset, smooth }: View, runs: number): boolean =>
  range ?? (runs === 1 && !preset && !smooth);

/** The hues that the reader picked, by key. */
export const pickedHues = ({ hue }: View): Map<string, number> =>
  new Map((hue ?? []).map((text) => [text.slice(0, -2), Number(text.at(-1))]));

/** Picks a key's hue. Another curve that was given this hue by hand gives it up. */
export function withHue(view: View, key: string, hue: number): Pick<View, "hue"> {
  const others = [...pickedHues(view)].filter(([other, its]) => other !== key && its !== hue);
  return { hue: [...others, [key, hue] as const].map(([name, its]) => `${name}:${its}`) };
}

/** How many steps the training error's dashes are from the bold error's: 1 where the paper's figure dashes training. */
export const trainingDash = ({ printed }: ChartView): number => (printed?.training === "dashed" ? 1 : 0);

/** Where a preset is chosen, a dash means training and nothing else. */
export const isDashTraining = ({ preset }: View): boolean => preset !== undefined;

/** The same axes, with y switched between linear and logarithmic. */
export function withOtherY(log: Log | undefined): Log | undefined {
  const [x, y] = [log === "x" || log === "xy", log === "y" || log === "xy"];
  if (y) return x ? "x" : undefined;
  return x ? "xy" : "y";
}

/** The label under the x axis, which ends at `last`. */
export function labelOf({ preset, x }: View, last: number): string {
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
      return preset ? `iter.${powerOf(last) ? ` (1e${powerOf(last)})` : ""}` : "iterations";
  }
}

export function tick(value: number, { preset, x = "iteration" }: View, last: number): string {
  if (isDuration(x)) return duration(value);
  if (x === "iteration" && preset) return String(Number((value / 10 ** powerOf(last)).toPrecision(3)));
  if (value >= 1e6) return `${short(value / 1e6)}M`;
  return value >= 1000 ? `${short(value / 1000)}k` : short(value);
}

/** The paper writes iterations in 1e4; a shorter run's are in 1e3. */
const powerOf = (last: number): number => (last >= 10_000 ? 4 : last >= 1000 ? 3 : 0);

export const isDuration = (x: Axis | undefined): boolean => x === "relative_time" || x === "device_seconds";

const short = (value: number): string => String(Number(value.toPrecision(4)));
