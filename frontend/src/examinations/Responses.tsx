// The layer responses of Fig. 7: the standard deviation of each 3×3 layer's output, in network order and ranked.
import { Button, Group, Stack, Table, Text } from "@mantine/core";
import { useRefusal } from "../api/rights";
import type { Examination, ResponsesReport, Run } from "../api/types";
import { DisabledReason } from "../ui/DisabledReason";
import { Refusal } from "../ui/Refusal";
import { DataWarning } from "./DataWarning";
import { ExaminationState } from "./ExaminationState";
import { useRegisteredAt, useStartExamination } from "./queries";
import { ResponsePlot } from "./ResponsePlot";
import { usesCurrentData } from "./request";

type Props = { run: Run; examinations: readonly Examination[] };

export function Responses({ run, examinations }: Props) {
  const start = useStartExamination(run.id);
  const refusal = useRefusal("submit", [run]);
  const measure = () => start.mutate({ kind: "responses" });
  const newest = examinations.find(({ kind }) => kind === "responses");
  const registeredAt = useRegisteredAt(run);
  const isOld = newest !== undefined && !usesCurrentData(newest, registeredAt);
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        The standard deviation of each 3×3 layer's output on the test images. In the paper, residual networks
        respond less strongly than plain networks, and deeper residual networks respond less strongly still
        (sec. 4.2, Fig. 7).
      </Text>
      {(!newest || isOld) && (
        <Group>
          <DisabledReason why={refusal}>
            <Button size="xs" variant="default" loading={start.isPending} onClick={measure}>
              {isOld ? "Measure again" : "Measure"}
            </Button>
          </DisabledReason>
          <Text size="sm" c="dimmed">
            {isOld ? `${run.spec.dataset} has been replaced since this measurement.` : "Not measured yet."}
          </Text>
        </Group>
      )}
      {start.error && <Refusal title="The measurement could not be started" error={start.error} />}
      {newest && (
        <ExaminationState<ResponsesReport> examination={newest} retry={measure}>
          {(report) => <ResponsesReportView run={run} report={report} />}
        </ExaminationState>
      )}
    </Stack>
  );
}

function ResponsesReportView({ run, report }: { run: Run; report: ResponsesReport }) {
  const inOrder = report.layers.map(({ std }) => std);
  const style = { name: run.name, hue: 0, dash: 0 };
  return (
    <>
      <DataWarning report={report} />
      <ResponsePlot title="In network order" lines={[{ ...style, values: inOrder }]} />
      <ResponsePlot title="Ranked" lines={[{ ...style, values: report.descending }]} />
      <Text size="xs" c="dimmed">
        {report.measured}
      </Text>
      <details>
        <summary>
          <Text span size="sm">
            Show as a table
          </Text>
        </summary>
        <Table aria-label="layer responses" verticalSpacing={2} fz="xs" w="auto">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Layer</Table.Th>
              <Table.Th ta="right">Std</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody style={{ fontVariantNumeric: "tabular-nums" }}>
            {report.layers.map(({ layer, std }) => (
              <Table.Tr key={layer}>
                <Table.Th fw={400}>{layer}</Table.Th>
                <Table.Td ta="right">{std.toPrecision(4)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </details>
    </>
  );
}
