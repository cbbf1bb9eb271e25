// A run's result in a few words: its test error, or where it stands.
import { Text } from "@mantine/core";
import type { Run } from "../../api/client";
import { progressText } from "../../run/progress";
import { percent } from "../../units";

export function RunResult({ run }: { run: Run }) {
  const { test_error } = run.last;
  const state = run.status === "succeeded" ? "" : `${run.status}, ${progressText(run)}`;
  const error = test_error == null ? "" : `test ${percent(test_error)}`;
  return (
    <Text span size="xs" c="dimmed">
      {[run.spec.dataset, `seed ${run.spec.seed}`, error, state].filter(Boolean).join(" · ")}
    </Text>
  );
}
