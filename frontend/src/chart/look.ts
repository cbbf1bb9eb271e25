// The chart's colours. A canvas cannot read the theme's variables, so both themes are written out.

export type Look = { text: string; grid: string; lines: readonly [string, ...string[]] };

// Okabe and Ito's palette (2008), told apart by every kind of colour vision; each at least 3:1 on its background.
export const LIGHT: Look = {
  text: "#3b4250",
  grid: "#e6e8ec",
  lines: ["#0066b3", "#c14a00", "#00805c", "#a3458a"],
};

export const DARK: Look = {
  text: "#c3c9d4",
  grid: "#33383f",
  lines: ["#56b4e9", "#f0953f", "#2fc096", "#dd8fbf"],
};

/** The colour of the n-th run of a page, the same for all of its lines. */
export const colorOf = ({ hue }: { hue: number }, { lines }: Look): string =>
  lines[hue % lines.length] ?? lines[0];
