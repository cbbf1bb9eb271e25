// The look of the theme that is shown.
import { useComputedColorScheme } from "@mantine/core";
import { DARK, LIGHT, type Look } from "./look";

export const useLook = (): Look => (useComputedColorScheme("light") === "dark" ? DARK : LIGHT);
