// The dashboard's design as Mantine's theme: type, space, colours, and how its parts look. docs/design.md explains it.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";
import { DARK, LIGHT, type Look } from "./chart/look";

const COBALT: MantineColorsTuple = [
  "#eef0ff",
  "#dfe3ff",
  "#c0c8ff",
  "#9fabff",
  "#8492fa",
  "#6878f2",
  "#4d5ee6",
  "#3445cf",
  "#2a39b3",
  "#202c8c",
];
// Neutrals with a trace of yellow, as paper has.
const GRAY: MantineColorsTuple = [
  "#f8f8f5",
  "#f2f2ee",
  "#e7e7e2",
  "#dadad4",
  "#c3c3bc",
  "#9d9d96",
  "#77776f",
  "#5c5c56",
  "#3a3a36",
  "#1d1d1b",
];
const NIGHT: MantineColorsTuple = [
  "#e9e9e4",
  "#b4b4ad",
  "#93938c",
  "#66665f",
  "#3f3f3b",
  "#30302d",
  "#232321",
  "#171716",
  "#111110",
  "#0b0b0a",
];

// One scale for text, in rem: caption, table, body, lede, section; a page's title is 1.75.
const SIZES = { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" };

export const theme = createTheme({
  fontFamily: "Geist, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  fontSizes: SIZES,
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.4" },
  headings: {
    fontFamily: "Newsreader, 'Iowan Old Style', Georgia, serif",
    fontWeight: "500",
    sizes: {
      h1: { fontSize: "1.75rem", lineHeight: "1.2" },
      h2: { fontSize: "1.25rem", lineHeight: "1.3" },
      h3: { fontSize: "1rem", lineHeight: "1.4" },
      h4: { fontSize: "1rem", lineHeight: "1.4" },
      h5: { fontSize: "0.875rem", lineHeight: "1.4" },
    },
  },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2.5rem" },
  radius: { xs: "2px", sm: "4px", md: "4px", lg: "6px", xl: "10px" },
  colors: { cobalt: COBALT, gray: GRAY, dark: NIGHT },
  black: "#1a1a18",
  primaryColor: "cobalt",
  primaryShade: { light: 7, dark: 6 },
  respectReducedMotion: true,
  // By name: importing the components here would load them with the shell.
  components: {
    ActionIcon: { defaultProps: { variant: "subtle" } },
    Alert: { defaultProps: { variant: "transparent" } },
    Badge: { defaultProps: { variant: "transparent", radius: "sm", tt: "none", fw: 500 } },
    Button: { styles: { root: { fontWeight: 500 } } },
    Modal: { styles: { title: { fontWeight: 600 } } },
    SegmentedControl: { defaultProps: { transitionDuration: 0 } },
    Table: { defaultProps: { fz: "sm" } },
  },
});

export const variables: CSSVariablesResolver = ({ colors }) => ({
  variables: { "--reslab-serif": "Newsreader, 'Iowan Old Style', Georgia, serif" },
  light: {
    "--mantine-color-dimmed": GRAY[7],
    "--mantine-color-placeholder": GRAY[7],
    "--mantine-color-anchor": COBALT[7],
    "--mantine-color-error": colors.red[9],
    "--mantine-color-teal-light-color": "#066649",
    "--mantine-color-orange-light-color": "#a63c00",
    "--mantine-color-default-border": GRAY[3],
    "--reslab-hairline": GRAY[2],
    "--reslab-departure": "#a63c00",
    "--reslab-failed": colors.red[9],
    "--reslab-paused": "#7a5500",
    "--reslab-good": "#066649",
    "--reslab-right": "#a9cdf0",
    "--reslab-wrong": "#f7b27a",
    "--reslab-track": GRAY[2],
    ...linesOf(LIGHT),
  },
  dark: {
    "--mantine-color-body": DARK.back,
    "--mantine-color-text": NIGHT[0],
    "--mantine-color-dimmed": NIGHT[1],
    "--mantine-color-placeholder": NIGHT[1],
    "--mantine-color-anchor": COBALT[3],
    "--mantine-color-error": colors.red[4],
    "--mantine-color-default-border": NIGHT[4],
    "--reslab-hairline": NIGHT[5],
    "--reslab-departure": colors.orange[4],
    "--reslab-failed": colors.red[4],
    "--reslab-paused": colors.yellow[5],
    "--reslab-good": colors.teal[4],
    "--reslab-right": "#1f4e7a",
    "--reslab-wrong": "#74400f",
    "--reslab-track": NIGHT[4],
    ...linesOf(DARK),
  },
});

/** The colours of curves as variables, for what is not drawn on a canvas. */
const linesOf = ({ lines }: Look): Record<string, string> =>
  Object.fromEntries(lines.map((color, hue) => [`--reslab-line-${hue}`, color]));
