// The chart's look in the current theme.
import { useComputedColorScheme } from "@mantine/core";
import { DARK, LIGHT, type Look } from "./look";

export const useLook = (): Look => (useComputedColorScheme("light") === "dark" ? DARK : LIGHT);
