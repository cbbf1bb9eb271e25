// What a chart says at its cursor: each line's value, with all that is known of it.
import { counted, percent } from "../../units";
import { lastBefore } from "../canvas/grid";
import type { Figure, Line, Reference, Values } from "../figure";

export type Reading = {
  line: Line;
  value?: number;
  /** The iteration, or those that a bucket holds: "129–256". */
  at?: string;
  least?: number;
  most?: number;
  n?: number;
};

/** The line's value at the cursor, or its last, and the iterations that it stands for. */
export function readingOf(line: Line, { step, reached }: Figure, x: number | undefined): Reading {
  const { points, iteration, extremes, n } = line;
  const upTo = x === undefined ? points.at.length - 1 : points.at.findLastIndex((at: number) => at <= x);
  const index = lastBefore(points.value, upTo);
  const first = index === undefined ? undefined : iteration[index];
  const value = of(points.value, index);
  if (value === undefined || first === undefined) return { line };
  return {
    line,
    value,
    at: extremes && step > 1 ? span(first, Math.min(first + step - 1, reached)) : `${first}`,
    ...defined("least", of(extremes?.least, index)),
    ...defined("most", of(extremes?.most, index)),
    ...defined("n", of(n, index)),
  };
}

/** What readings are held against: a number, or, of a run, its own readings at the cursor. */
export type Against = Reference & { readings?: readonly Reading[] };

export const againstOf = (figure: Figure, x: number | undefined): Against[] =>
  figure.references.map((reference) =>
    reference.lines
      ? { ...reference, readings: reference.lines.map((line) => readingOf(line, figure, x)) }
      : reference,
  );

/** Like is held against like: training against the run's training, validation against its validation. */
export function difference({ line, value }: Reading, against: Against): number | undefined {
  const other = against.readings
    ? against.readings.find((reading) => reading.line.weight === line.weight)?.value
    : against.value;
  return value === undefined || other === undefined ? undefined : value - other;
}

/** "2.75 – 3.25": what a bucket held, as its value is written but for the unit. */
export const extent = (least: number, most: number, unit: string): string =>
  [least, most].map((value) => (unit === "%" ? value.toFixed(2) : written(value, ""))).join(" – ");

/** By value, the highest first, as the curves lie; those without one last. */
export const sorted = (readings: readonly Reading[]): Reading[] =>
  [...readings].sort((a, b) => (b.value ?? -1) - (a.value ?? -1));

/** Everything the chart shows at the cursor, to be read out. */
export function inWords({ label, unit }: Figure, readings: readonly Reading[]): string {
  const known = readings.filter(({ value, line }) => value !== undefined && line.weight !== "faint");
  if (known.length === 0) return `${label}, no point yet`;
  const parts = known.map(
    ({ line, value, at }) => `${line.name} ${written(value ?? 0, unit)} at iteration ${at}`,
  );
  return `${label}: ${parts.join(", ")}`;
}

/** 8.25 % for errors; otherwise what tells two neighbours apart. */
export function written(value: number, unit: string): string {
  if (unit === "%") return percent(value);
  const plain = Math.abs(value) >= 1000 ? counted(Math.round(value)) : String(Number(value.toPrecision(4)));
  return unit ? `${plain} ${unit}` : plain;
}

const span = (first: number, last: number): string => (first < last ? `${first}–${last}` : `${first}`);

const of = (values: Values | undefined, index: number | undefined): number | undefined =>
  (index === undefined ? undefined : values?.[index]) ?? undefined;

const defined = <K extends string>(key: K, value: number | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [key in K]?: number };
