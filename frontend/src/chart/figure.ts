// What a chart draws, whatever it is of: lines on an x axis, drops, moments, references.

import type { Numbers, Points } from "./canvas/grid";
import type { Drop } from "./drops";
import type { Axis } from "./view";

export type Values = Points["value"];

/** A curve. `hue` and `dash` count; a bucket is a point that stands for `step` iterations, with their extremes. */
export type Line = {
  name: string;
  hue: number;
  dash: number;
  weight: "thin" | "bold" | "faint";
  points: Points;
  /** The iteration of each point: its own, or its bucket's first. */
  iteration: Numbers;
  /** What is drawn as a shade: a bucket's extremes, or a mean ± its spread over seeds. */
  shade?: { low: Values; high: Values };
  /** The extremes of each bucket or of all members, for the readout. */
  extremes?: { least: Values; most: Values };
  /** Before it was smoothed: drawn faint behind. */
  raw?: Values;
  /** How many runs each point is the mean of. */
  n?: Values;
  /** Raw points behind the buckets. */
  behind: number;
};

/** What happened at an iteration: an attempt began, the run was paused, a checkpoint was saved. */
export type Moment = { x: number; text: string };
/** A level to hold curves against: a number of the paper; or a run's last, whose `lines` say what it was at the cursor. */
export type Reference = { name: string; value: number; lines?: readonly Line[] };

/** `first` to `last` is the window of iterations; `step` of them are a bucket. `x` is undefined where data decide. */
export type Figure = {
  label: string;
  /** What stands at the y axis. */
  quantity: string;
  unit: string;
  axis: Axis;
  lines: readonly Line[];
  drops: readonly (Drop & { x: number })[];
  moments: readonly Moment[];
  references: readonly Reference[];
  x: readonly [number, number];
  step: number;
  reached: number;
  rates?: { at: Numbers; lr: Values; epoch: number };
};

/** Points of the lines that stand for themselves: those faint behind a mean would count twice. */
export const pointsBehind = ({ lines }: Figure): number =>
  lines.reduce((sum, { behind, weight }) => sum + (weight === "faint" ? 0 : behind), 0);

/** "error (%)" */
export const quantityOf = ({ quantity, unit }: Figure): string => (unit ? `${quantity} (${unit})` : quantity);
