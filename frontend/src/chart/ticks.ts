// Round numbers for an axis.

const [MIN, HOUR, DAY] = [60, 3600, 86_400];
/** The steps of an axis of durations, in seconds: whole parts of a minute, an hour, a day, then days. */
export const DURATION_STEPS = [
  1,
  5,
  15,
  30,
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MIN),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100].map((n) => n * DAY),
];

/** About six numbers between two values, in steps of 1, 2 or 5 times a power of ten. */
export function round(low: number, high: number): number[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((digit) => digit * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}
