// A study's status as a word; its colour adds nothing to the word.
import { Badge, type MantineColor } from "@mantine/core";
import type { StudySummary } from "../api/client";

const COLORS: Record<StudySummary["status"], MantineColor> = {
  queued: "gray",
  running: "blue",
  paused: "yellow",
  ended: "teal",
};

export function StateBadge({ status }: Pick<StudySummary, "status">) {
  return (
    <Badge color={COLORS[status]} variant="light" tt="none" fw={600} w="fit-content">
      {status}
    </Badge>
  );
}
