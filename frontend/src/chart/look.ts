// The chart's colours and dashes. A canvas can't use CSS variables, so both themes are written out.

export type Look = { text: string; grid: string; back: string; lines: readonly [string, ...string[]] };

// After Okabe and Ito (2008): distinguishable for every kind of colour vision; each at least 3:1 on its background.
export const LIGHT: Look = {
  text: "#5c5c56",
  grid: "#efefeb",
  back: "#ffffff",
  lines: ["#0066b3", "#c14a00", "#00805c", "#a3458a", "#8a6d00"],
};

export const DARK: Look = {
  text: "#b4b4ad",
  grid: "#2a2a28",
  back: "#171716",
  lines: ["#56b4e9", "#f0953f", "#2fc096", "#dd8fbf", "#d9bf45"],
};

const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

type Stroke = { hue: number; dash: number };

/** The colour of a run, or of a value of its specification: the same in every chart. */
export const colorOf = ({ hue }: Pick<Stroke, "hue">, { lines }: Look): string =>
  lines[hue % lines.length] ?? lines[0];
/** The same colour as a variable of the theme, for what CSS draws. */
export const variableOf = ({ hue }: Pick<Stroke, "hue">): string =>
  `var(--reslab-line-${hue % LIGHT.lines.length})`;
export const dashOf = ({ dash }: Pick<Stroke, "dash">): number[] => [...(DASHES[dash % DASHES.length] ?? [])];

// Each depth of sec. 4.2 has a colour of its own; other values share these colours, by a hash.
const DEPTHS = ["20", "32", "44", "56", "110"];

/** A hue that depends only on the value: a run's id, or "56". */
export function hueOf(value: string): number {
  const depth = DEPTHS.indexOf(value);
  if (depth >= 0) return depth;
  let hash = 0;
  for (const letter of value) hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003;
  return hash % LIGHT.lines.length;
}
