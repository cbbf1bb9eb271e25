// What a chart draws: lines on an x axis, learning-rate drops, moments, references.

import type { Numbers, Points } from "./canvas/grid";
import type { Drop } from "./drops";
import type { Axis } from "./view";

export type Values = Points["value"];

/** A curve. `hue` and `dash` are indexes; a bucket is a point that stands for `step` iterations, with their extremes. */
export type Line = {
  name: string;
  hue: number;
  dash: number;
  weight: "thin" | "bold" | "faint";
  points: Points;
  /** The iteration of each point; of a bucket its first. */
  iteration: Numbers;
  /** What is drawn as a shade: a bucket's extremes, or a mean ± its spread over seeds. */
  shade?: { low: Values; high: Values };
  /** The extremes of each bucket or of all members, for the readout. */
  extremes?: { least: Values; most: Values };
  /** The values before smoothing, drawn faintly behind the curve. */
  raw?: Values;
  /** The number of runs that each point is the mean of. */
  n?: Values;
  /** The number of raw points behind the buckets. */
  behind: number;
};

/** An event at an iteration: an attempt began, the run was paused, a checkpoint was saved. */
export type Moment = { x: number; text: string };
/** A level to compare curves with: a number of the paper, or a run's last error, with the run's curves in `lines`. */
export type Reference = { name: string; value: number; lines?: readonly Line[] };

/** `x` is the shown part of the x axis; `step` iterations are one bucket. */
export type Figure = {
  label: string;
  /** The label of the y axis. */
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

/** The raw points behind the lines, without the faint lines behind a mean, which would count twice. */
export const pointsBehind = ({ lines }: Figure): number =>
  lines.reduce((sum, { behind, weight }) => sum + (weight === "faint" ? 0 : behind), 0);

/** "error (%)" */
export const quantityOf = ({ quantity, unit }: Figure): string => (unit ? `${quantity} (${unit})` : quantity);
