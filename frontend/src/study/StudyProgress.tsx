// A study's progress: a bar, with the same in words below.
import { Progress, Text } from "@mantine/core";
import type { StudySummary } from "../api/client";
import { timeLeft } from "../units";
import { percentOf, progressText } from "./progress";

type Props = { study: Pick<StudySummary, "status" | "progress">; finishesInS?: number | null };

export function StudyProgress({ study: { status, progress }, finishesInS }: Props) {
  const left = finishesInS == null ? "" : ` · ${timeLeft(finishesInS)} left`;
  const text = progressText(progress) + left;
  const hasFailed = status === "ended" && (progress.by_status.failed ?? 0) > 0;
  return (
    <div style={{ minWidth: 140 }}>
      <Progress.Root size="sm">
        <Progress.Section
          value={percentOf(progress)}
          color={hasFailed ? "red" : status === "ended" ? "teal" : "blue"}
          aria-label="progress"
          aria-valuetext={text}
        />
      </Progress.Root>
      <Text size="xs" c="dimmed" mt={4} style={{ fontVariantNumeric: "tabular-nums" }}>
        {text}
      </Text>
    </div>
  );
}
