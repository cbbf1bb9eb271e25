// Marks what was measured on another copy of the data than the network was trained on: its numbers are not the run's.
import { Text } from "@mantine/core";
import type { EvaluationReport, ResponsesReport } from "../api/client";

type Props = { report: Pick<EvaluationReport | ResponsesReport, "dataset" | "is_the_data_trained_on"> };

export function DataWarning({ report }: Props) {
  if (report.is_the_data_trained_on) return null;
  return (
    <Text size="sm" c="var(--reslab-departure)" mb="xs">
      ▲ Measured on another copy of {report.dataset} than this network was trained on.
    </Text>
  );
}
