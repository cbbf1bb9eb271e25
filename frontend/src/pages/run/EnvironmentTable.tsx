// What a run trained on: device, versions, code and data, as its last attempt reported them.
import { Table, Text } from "@mantine/core";
import type { Event, Run } from "../../api/types";
import { environmentOf } from "./environment";

export function EnvironmentTable({ run, events }: { run: Run; events: readonly Event[] }) {
  const environment = environmentOf(events);
  if (!environment)
    return (
      <Text size="sm" c="dimmed">
        {run.origin
          ? "An imported result doesn't say which machine it was trained on."
          : "Nothing has trained yet."}
      </Text>
    );
  return (
    <Table aria-label="environment" verticalSpacing={3} withRowBorders={false}>
      <Table.Tbody>
        {environment.facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th fw={400} c="dimmed" pl={0} w="40%">
              {name}
            </Table.Th>
            <Table.Td>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
