// The outcome of a verdict or a claim as a word; its colour adds nothing to the word.
import { Badge, type MantineColor } from "@mantine/core";

const COLORS: Record<string, MantineColor> = {
  reproduced: "teal",
  better: "teal",
  worse: "red",
  holds: "teal",
  "does not hold": "red",
  "not comparable": "orange",
  "not testable by these runs": "orange",
  differs: "red",
  matches: "teal",
};

export function VerdictBadge({ outcome }: { outcome: string }) {
  return (
    <Badge color={COLORS[outcome] ?? "gray"} variant="light" tt="none" fw={600} style={{ flexShrink: 0 }}>
      {outcome}
    </Badge>
  );
}
