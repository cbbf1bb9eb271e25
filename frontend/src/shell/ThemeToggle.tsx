// Switches between light and dark; until the reader chooses, the system's theme is used.
import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";

export function ThemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme("light") === "dark" ? "light" : "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      onClick={() => setColorScheme(other)}
      aria-label={`switch to ${other} theme`}
      title={`Switch to ${other} theme`}
    >
      <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
        <circle cx="9" cy="9" r="7" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M9 2 a7 7 0 0 1 0 14 z" fill="currentColor" />
      </svg>
    </ActionIcon>
  );
}
