// A run's result in a few words: its last test error or where it stands, and every departure from the paper's protocol.

import { Text } from "@mantine/core";
import type { Run } from "../../api/types";
import { useDepartures } from "../../run/departures";
import { progressText } from "../../run/progress";
import { fieldTitle, specText } from "../../run/spec";
import { percent } from "../../units";

export function RunResult({ run }: { run: Run }) {
  const departures = useDepartures(run);
  const { test_error } = run.last;
  const state = run.status === "succeeded" ? "" : `${run.status}, ${progressText(run)}`;
  // A run measures the centre crop; Tables 2 to 4 have ten crops or several scales.
  const views = run.spec.family === "imagenet" ? " (centre crop)" : "";
  const error = test_error == null ? "" : `last test error ${percent(test_error)}${views}`;
  return (
    <>
      <Text span size="xs" c="dimmed">
        {[run.spec.dataset, `seed ${specText(run, "seed")}`, run.origin ? "imported" : "", error, state]
          .filter(Boolean)
          .join(" · ")}
      </Text>
      {departures.map(({ rule, field, message }) => (
        <Text key={`${rule} ${field} ${message}`} size="xs" c="var(--reslab-departure)">
          ▲ {fieldTitle(field)}: {message}
        </Text>
      ))}
    </>
  );
}
