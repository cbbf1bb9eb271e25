// Where the dashboard looks different from Mantine: system fonts (nothing is fetched), text contrast of at least 4.5:1.
import { type CSSVariablesResolver, createTheme } from "@mantine/core";
import { DARK, LIGHT, type Look } from "./chart/look";

export const theme = createTheme({
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "1.5rem" }, h2: { fontSize: "1.1rem" } } },
  primaryShade: 8,
  respectReducedMotion: true,
});

export const variables: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": colors.gray[7],
    "--mantine-color-placeholder": colors.gray[7],
    "--mantine-color-anchor": colors.blue[8],
    "--mantine-color-error": colors.red[9],
    "--mantine-color-teal-light-color": "#066649",
    "--mantine-color-orange-light-color": "#a63c00",
    "--reslab-departure": "#a63c00",
    "--reslab-right": "#a9cdf0",
    "--reslab-wrong": "#f7b27a",
    "--reslab-track": colors.gray[2],
    ...linesOf(LIGHT),
  },
  dark: {
    "--mantine-color-dimmed": colors.dark[1],
    "--mantine-color-placeholder": colors.dark[1],
    "--mantine-color-error": colors.red[4],
    "--reslab-departure": colors.orange[4],
    "--reslab-right": "#1f4e7a",
    "--reslab-wrong": "#74400f",
    "--reslab-track": colors.dark[4],
    ...linesOf(DARK),
  },
});

/** The colours of curves as variables, for what is not drawn on a canvas. */
const linesOf = ({ lines }: Look): Record<string, string> =>
  Object.fromEntries(lines.map((color, hue) => [`--reslab-line-${hue}`, color]));
