// Warns about numbers measured on a different copy of the data set from the one that the network was trained on.
import { Text } from "@mantine/core";
import type { EvaluationReport, ResponsesReport } from "../api/types";

type Props = { report: Pick<EvaluationReport | ResponsesReport, "dataset" | "is_the_data_trained_on"> };

export function DataWarning({ report }: Props) {
  if (report.is_the_data_trained_on) return null;
  if (report.is_the_data_trained_on === null)
    return (
      <Text size="sm" c="dimmed" mb="xs">
        Imported weights don't say on which copy of {report.dataset} they were trained.
      </Text>
    );
  return (
    <Text size="sm" c="var(--reslab-departure)" mb="xs">
      ▲ Measured on a different copy of {report.dataset} from the one that this network was trained on.
    </Text>
  );
}
