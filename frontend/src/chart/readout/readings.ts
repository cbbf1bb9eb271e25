// A chart's readings at its cursor: each line's value, with its iterations, extremes and number of runs.
import { formatCount, percent } from "../../units";
import { countUpTo, lastBefore } from "../canvas/grid";
import type { CursorState } from "../cursor";
import type { Figure, Line, Reference, Values } from "../figure";
import { iterationAt } from "../lines";

export type Reading = {
  line: Line;
  value?: number;
  /** The iteration, or a bucket's iterations: "129–256". */
  at?: string;
  least?: number;
  most?: number;
  n?: number;
  /** The number of mini-batches, the last ones, whose mean the value is. */
  over?: number;
};

/** The line's value at the cursor, or its exact last one, and the iterations that it stands for. */
export function readingOf(line: Line, { step, reached }: Figure, x: number | undefined): Reading {
  const { points, iteration, extremes, n, last } = line;
  if (x === undefined && last)
    return {
      line,
      value: last.value,
      at: formatCount(last.iteration),
      ...(last.points > 1 && { over: last.points }),
      ...optional("n", valueAt(n, n && n.length - 1)),
    };
  const upTo = x === undefined ? points.at.length - 1 : countUpTo(points.at, x) - 1;
  const index = lastBefore(points.value, upTo);
  const first = index === undefined ? undefined : iteration[index];
  const value = valueAt(points.value, index);
  if (value === undefined || first === undefined) return { line };
  return {
    line,
    value,
    at: extremes && step > 1 ? span(first, Math.min(first + step - 1, reached)) : formatCount(first),
    ...optional("least", valueAt(extremes?.least, index)),
    ...optional("most", valueAt(extremes?.most, index)),
    ...optional("n", valueAt(n, index)),
  };
}

/** "Pinned at iteration 512 · epoch 1.46 · lr 0.1" */
export function whereOf({ rates, lines, axis }: Figure, { x, isPinned }: CursorState): string {
  if (x === undefined) return "Last values";
  const longest = lines.toSorted((a, b) => b.points.at.length - a.points.at.length)[0];
  const iteration = Math.round(iterationAt(x, axis, longest) ?? 0);
  const index = rates ? countUpTo(rates.at, iteration) - 1 : -1;
  const lr = rates?.lr[index];
  return [
    `${isPinned ? "Pinned at" : "At"} iteration ${formatCount(iteration)}`,
    ...(rates?.epoch ? [`epoch ${(iteration * rates.epoch).toFixed(2)}`] : []),
    ...(lr == null ? [] : [`lr ${Number(lr.toPrecision(3))}`]),
  ].join(" · ");
}

/** What the last values of training are: "Training error: mean of the last 20 mini-batches." */
export function meansSentence(readings: readonly Reading[]): string | undefined {
  const over = [...new Set(readings.flatMap((reading) => reading.over ?? []))].sort((a, b) => a - b);
  const counts = over.length > 1 ? `${over[0]} to ${over.at(-1)}` : over[0];
  return over.length > 0 ? `Training error: running mean over the last ${counts} mini-batches.` : undefined;
}

/** At most `count` readings, those nearest to `value`, the highest first. */
export const nearest = (readings: readonly Reading[], value: number, count: number): Reading[] =>
  byValue(
    readings
      .toSorted((a, b) => Math.abs((a.value ?? 0) - value) - Math.abs((b.value ?? 0) - value))
      .slice(0, count),
  );

/** A reference that readings are compared with; where it is a run, with the run's own readings at the cursor. */
export type ReferenceReading = Reference & { readings?: readonly Reading[] };

export const referencesAt = (figure: Figure, x: number | undefined): ReferenceReading[] =>
  figure.references.map((reference) =>
    reference.lines
      ? { ...reference, readings: reference.lines.map((line) => readingOf(line, figure, x)) }
      : reference,
  );

/** Training is compared with a run's training, validation with its validation; the paper's errors with bold lines only. */
export function difference({ line, value }: Reading, reference: ReferenceReading): number | undefined {
  if (reference.keys && !(line.weight === "bold" && reference.keys.includes(line.key))) return undefined;
  const other = reference.readings
    ? reference.readings.find((reading) => reading.line.weight === line.weight)?.value
    : reference.value;
  return value === undefined || other === undefined ? undefined : value - other;
}

/** "2.75 – 3.25": the range of a bucket's values, without their unit. */
export const extent = (least: number, most: number, unit: string): string =>
  [least, most].map((value) => (unit === "%" ? value.toFixed(2) : valueText(value, ""))).join(" – ");

/** The highest value first, as the curves lie; readings without a value last. */
export const byValue = (readings: readonly Reading[]): Reading[] =>
  [...readings].sort((a, b) => (b.value ?? -1) - (a.value ?? -1));

/** Everything that the chart shows at the cursor, for a screen reader. */
export function spokenReadings({ label, unit }: Figure, readings: readonly Reading[]): string {
  const measured = readings.filter(({ value, line }) => value !== undefined && line.weight !== "faint");
  if (measured.length === 0) return `${label}: no points yet`;
  const parts = measured.map(
    ({ line, value, at }) => `${line.name} ${valueText(value ?? 0, unit)} at iteration ${at}`,
  );
  return `${label}: ${parts.join(", ")}`;
}

/** "8.25 %" for an error; otherwise four digits. */
export function valueText(value: number, unit: string): string {
  if (unit === "%") return percent(value);
  const plain =
    Math.abs(value) >= 1000 ? formatCount(Math.round(value)) : String(Number(value.toPrecision(4)));
  return unit ? `${plain} ${unit}` : plain;
}

const span = (first: number, last: number): string =>
  first < last ? `${formatCount(first)}–${formatCount(last)}` : formatCount(first);

const valueAt = (values: Values | undefined, index: number | undefined): number | undefined =>
  (index === undefined ? undefined : values?.[index]) ?? undefined;

const optional = <K extends string>(key: K, value: number | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [key in K]?: number };
