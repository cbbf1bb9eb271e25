// Lines of a log with their numbers; a warning and an error are told by colour and by word.
import { Text, UnstyledButton } from "@mantine/core";
import type { LogLine } from "../api/client";

const COLORS = { warning: "var(--reslab-departure)", error: "var(--mantine-color-error)" } as const;

type Shown = {
  lines: readonly LogLine[];
  current: number | undefined;
  onPick: ((number: number) => void) | undefined;
};

export function LogLines({ lines, current, onPick }: Shown) {
  return lines.map(({ number, attempt, at, level, text }) => (
    <Text
      key={number}
      span
      inherit
      display="block"
      {...(level in COLORS ? { c: COLORS[level as keyof typeof COLORS] } : {})}
      {...(number === current ? { "aria-current": "true", fw: 700 } : {})}
      title={`attempt ${attempt}, ${at}, ${level}`}
    >
      {onPick ? (
        <UnstyledButton fz="inherit" ff="inherit" td="underline" mr="sm" onClick={() => onPick(number)}>
          {number}
        </UnstyledButton>
      ) : (
        <Text span inherit c="dimmed" mr="sm" style={{ userSelect: "none" }}>
          {number}
        </Text>
      )}
      {text}
    </Text>
  ));
}
