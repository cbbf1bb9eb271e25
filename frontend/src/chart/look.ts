// The chart's colours and dashes. A canvas can't use CSS variables, so the curves' colours of both themes are written out.

/** `text`, `grid` and `back` come from the page's theme; the others are the curves' hues. */
export type Look = { text: string; grid: string; back: string; lines: readonly [string, ...string[]] };

// Eight hues that differ by at least 15 ΔE (CIEDE2000) with normal vision, protanopia, deuteranopia and tritanopia, each
// at least 3:1 against its background (look.test.ts). Found by annealing around the hues of Okabe and Ito (2008).
export const LIGHT: Look = {
  text: "#5c5c56",
  grid: "#efefeb",
  back: "#ffffff",
  lines: ["#2b45cd", "#b81608", "#087d54", "#ad8c1b", "#850f58", "#1a98d9", "#f5508a", "#1e201b"],
};

export const DARK: Look = {
  text: "#b4b4ad",
  grid: "#2a2a28",
  back: "#171716",
  lines: ["#7799fc", "#d73815", "#348f61", "#efc434", "#9466a2", "#61defb", "#ff7a98", "#f8f0ec"],
};

export const HUES = LIGHT.lines.length;
export const HUE_NAMES = ["blue", "red", "green", "ochre", "plum", "sky", "pink", "ink"] as const;

export const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

/** A curve's colour and dash, as indexes. */
export type Stroke = { hue: number; dash: number };

export const colorOf = ({ hue }: Pick<Stroke, "hue">, { lines }: Look): string =>
  lines[hue % lines.length] ?? lines[0];
/** The same colour as a variable of the theme, for what CSS draws. */
export const variableOf = ({ hue }: Pick<Stroke, "hue">): string => `var(--reslab-line-${hue % HUES})`;
export const dashOf = ({ dash }: Pick<Stroke, "dash">): number[] => [...(DASHES[dash % DASHES.length] ?? [])];
