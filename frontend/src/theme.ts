// How the dashboard looks where it differs from Mantine: system fonts (nothing is fetched), denser tables.
import { createTheme } from "@mantine/core";

export const theme = createTheme({
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "1.5rem" }, h2: { fontSize: "1.1rem" } } },
  // Shade 7 on white and 8 under white text keep 4.5:1.
  primaryShade: { light: 7, dark: 8 },
  respectReducedMotion: true,
});
