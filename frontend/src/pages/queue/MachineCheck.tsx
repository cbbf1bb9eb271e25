// What a worker's machine showed in its check: one line, which opens to a table with a reason for each measurement.
import { Table, Text } from "@mantine/core";
import type { Worker } from "../../api/types";
import { moment } from "../../units";

type Check = NonNullable<Worker["machine_check"]>;
type Verdict = Check["measurements"][number]["verdict"];

const COLORS: Record<Verdict, string | undefined> = {
  passed: "teal",
  failed: "red",
  measured: undefined,
  "not run": "dimmed",
};

export function MachineCheck({ check, of }: { check: Check; of: string }) {
  return (
    <Text component="details" size="xs">
      <summary>
        Machine check of {moment(check.started_at)}: {summaryOf(check)}
      </summary>
      <Table.ScrollContainer minWidth={340} type="native">
        <Table aria-label={`machine check of ${of}`} fz="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>What</Table.Th>
              <Table.Th>Measured</Table.Th>
              <Table.Th>Bar</Table.Th>
              <Table.Th>Verdict</Table.Th>
              <Table.Th>Reason</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {check.measurements.map((line) => (
              <Table.Tr key={line.what}>
                <Table.Td>{line.what}</Table.Td>
                <Table.Td>{line.measured}</Table.Td>
                <Table.Td>{line.bar}</Table.Td>
                <Table.Td>
                  <Text span size="xs" c={COLORS[line.verdict]}>
                    {line.verdict}
                  </Text>
                </Table.Td>
                <Table.Td>{line.reason}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Text>
  );
}

/** "5 passed, 1 failed": the verdicts that there are, in a fixed order. */
export function summaryOf({ measurements }: Check): string {
  return (Object.keys(COLORS) as Verdict[])
    .map((verdict) => ({ verdict, count: measurements.filter((line) => line.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => `${count} ${verdict}`)
    .join(", ");
}
