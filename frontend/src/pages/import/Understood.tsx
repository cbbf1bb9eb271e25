// What the service understood of the file: its series, the columns that it did not use, and the findings.
import { Stack, Table, Text } from "@mantine/core";
import type { ImportPlan } from "../../api/types";
import { Findings } from "../../paper/Findings";
import { formatCount } from "../../units";

const FORMATS: Record<ImportPlan["format"], string> = {
  csv: "CSV",
  tensorboard: "TensorBoard",
  wandb: "W&B",
};

export function Understood({ plan }: { plan: ImportPlan | undefined }) {
  if (!plan)
    return (
      <Text size="sm" c="dimmed">
        Choose a file to see its series.
      </Text>
    );
  return (
    <Stack gap="sm">
      <Text size="sm">
        {FORMATS[plan.format]}, up to iteration {formatCount(plan.iteration)}.
      </Text>
      <Table.ScrollContainer minWidth={300} type="native">
        <Table aria-label="series in the file" fz="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Series</Table.Th>
              <Table.Th>Column</Table.Th>
              <Table.Th ta="right">Points</Table.Th>
              <Table.Th ta="right">Iterations</Table.Th>
              <Table.Th ta="right">Last</Table.Th>
              <Table.Th ta="right">Lowest</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody style={{ fontVariantNumeric: "tabular-nums" }}>
            {plan.series.map((row) => (
              <Table.Tr key={row.series}>
                <Table.Td>{row.series.replaceAll("_", " ")}</Table.Td>
                <Table.Td>{row.column}</Table.Td>
                <Table.Td ta="right">{formatCount(row.points)}</Table.Td>
                <Table.Td ta="right">
                  {formatCount(row.first_iteration)} to {formatCount(row.last_iteration)}
                </Table.Td>
                <Table.Td ta="right">{Number(row.last.toPrecision(4))}</Table.Td>
                <Table.Td ta="right">{Number(row.lowest.toPrecision(4))}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {plan.others.length > 0 && (
        <Text size="xs" c="dimmed">
          Not used: {plan.others.slice(0, 20).join(", ")}
          {plan.others.length > 20 && ` and ${formatCount(plan.others.length - 20)} more`}
        </Text>
      )}
      {plan.spec && <Findings findings={plan.findings} />}
    </Stack>
  );
}
