// A scatter's axis: round ticks, linear, or logarithmic where the values span two decades or more.

export type Axis = {
  ticks: readonly number[] /** 0 at the axis's start, 1 at its end. */;
  at: (value: number) => number;
};

const TICKS = 5;

export function axisOf(values: readonly number[]): Axis {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least > 0 && most / least >= 100 ? logarithmic(least, most) : linear(least, most);
}

function linear(least: number, most: number): Axis {
  const step = roundStep((most - least || Math.abs(most) || 1) / TICKS);
  const first = Math.floor(least / step);
  const last = Math.max(Math.ceil(most / step), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  return { ticks, at: (value) => (value / step - first) / (last - first) };
}

function logarithmic(least: number, most: number): Axis {
  const first = Math.floor(Math.log10(least));
  const last = Math.ceil(Math.log10(most));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
  return { ticks, at: (value) => (Math.log10(value) - first) / (last - first) };
}

/** The next of 1, 2, 5, 10 … that is at least `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((round) => round * power >= step * 0.999) ?? 10;
  return factor * power;
}
