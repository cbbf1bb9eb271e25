// What a chart draws: lines on an x axis, in one panel or several, learning-rate drops, moments, references.

import type { Numbers, Points } from "./canvas/grid";
import type { Drop } from "./drops";
import type { Axis } from "./view";

export type Values = Points["value"];

/** A curve. `hue` and `dash` are indexes; a bucket is a point that stands for `step` iterations, with their extremes. */
export type Line = {
  /** The curve's name in the link: the lines of one run have one key, and are hidden, lifted and coloured together. */
  key: string;
  /** The key's name in the legend. */
  legend: string;
  /** The index of its panel; the first where it is left out. */
  panel?: number;
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
  /** The exact last value, whatever the window and its buckets; of training, the mean of the last `points` mini-batches. */
  last?: Last;
  /** The number of runs that each point is the mean of. */
  n?: Values;
  /** The number of raw points behind the buckets. */
  behind: number;
};

export type Last = { iteration: number; value: number; points: number };

/** An event at an iteration: an attempt began, the run was paused, a checkpoint was saved. */
export type Moment = { x: number; text: string };
/**
 * A level to compare curves with: a number of the paper, for the bold lines of the curves with these `keys`; or a run's
 * last error, for all curves, with the run's curves in `lines`.
 */
export type Reference = {
  name: string;
  value: number;
  /** The spread of the paper's runs, in points. */
  spread?: number;
  keys?: readonly string[];
  /** Its panel; where it is left out, every panel with one of its curves. */
  panel?: number;
  lines?: readonly Line[];
};

/** `x` is the shown part of the x axis; `step` iterations are one bucket. */
export type Figure = {
  label: string;
  /** The titles of panels side by side, which share their axes; one panel without a title where they are left out. */
  panels?: readonly string[];
  /** The runs whose errors the lines are, with their lines' keys; of a mean over seeds, the members share one. */
  runs?: readonly { id: string; key: string }[];
  isMean?: boolean;
  /** The data sets of the runs: the paper's ranges fit only its own data. */
  datasets?: readonly string[];
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

/** "paper, ResNet-20: 9.00"; a run's name doesn't say its error, so this is added. */
export const levelName = ({ name, keys, value }: Reference): string =>
  keys ? name : `${name}: ${value.toFixed(2)}`;

/** "error (%)" */
export const quantityOf = ({ quantity, unit }: Figure): string => (unit ? `${quantity} (${unit})` : quantity);

/** Whether a level stands in a panel: in its own, else wherever one of its curves is. */
export const isIn = (
  { panel: its, keys }: Reference,
  figure: Pick<Figure, "lines">,
  panel: number,
): boolean =>
  its === undefined ? !keys || linesIn(figure, panel).some(({ key }) => keys.includes(key)) : its === panel;

/** The lines of one panel, or of all of them. */
export const linesIn = ({ lines }: Pick<Figure, "lines">, panel: number): Line[] =>
  lines.filter((line) => (line.panel ?? 0) === panel);

/** Whether a line is drawn: neither its curve nor all lines of its weight are hidden. */
export const isShown = ({ key, weight }: Line, hide: readonly string[]): boolean =>
  !hide.includes(key) && !hide.includes(`all-${weight}`);
