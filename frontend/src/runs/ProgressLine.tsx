// How far a run is: a bar with its words below.
import { Progress, Text } from "@mantine/core";
import { type Going, percentDone, progressText } from "./progress";

export function ProgressLine({ run, size = "sm" }: { run: Going; size?: "sm" | "lg" }) {
  const done = percentDone(run);
  return (
    <div style={{ minWidth: 120 }}>
      <Progress.Root size={size}>
        <Progress.Section
          value={done}
          color={run.status === "failed" ? "red" : run.status === "succeeded" ? "teal" : "blue"}
          aria-label="progress"
          aria-valuetext={progressText(run)}
        />
      </Progress.Root>
      <Text
        size={size === "lg" ? "sm" : "xs"}
        c="dimmed"
        mt={4}
        style={{ fontVariantNumeric: "tabular-nums" }}
      >
        {progressText(run)}
      </Text>
    </div>
  );
}
