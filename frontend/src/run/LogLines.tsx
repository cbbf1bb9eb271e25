// Lines of a log with their numbers; warnings and errors are marked by colour and in the tooltip.
import { Text, UnstyledButton } from "@mantine/core";
import type { LogLine } from "../api/types";

const COLORS = { warning: "var(--reslab-departure)", error: "var(--mantine-color-error)" } as const;

type Props = {
  lines: readonly LogLine[];
  current: number | undefined;
  onPick: ((number: number) => void) | undefined;
};

export function LogLines({ lines, current, onPick }: Props) {
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
