// A run's specification: the paper's values in grey, each departure with the paper's value and sentence.
import { Table, Text } from "@mantine/core";
import type { Finding, Run } from "../../api/types";
import { Grounds } from "../../paper/Findings";
import { fieldsOf, fieldTitle, isUnknown, type SpecField, specText } from "../../run/spec";

export function SpecTable({ run }: { run: Run }) {
  return (
    <Table aria-label="specification" verticalSpacing={4}>
      <Table.Tbody>
        {fieldsOf([run]).map((field) => (
          <Row
            key={field}
            field={field}
            value={textOf(run, field)}
            finding={run.departures.find((departure) => departure.field === field)}
          />
        ))}
      </Table.Tbody>
    </Table>
  );
}

const textOf = (run: Run, field: SpecField): string =>
  field === "train_images" && run.spec[field] === null && !isUnknown(run, field)
    ? "all"
    : specText(run, field);

function Row({ field, value, finding }: { field: string; value: string; finding: Finding | undefined }) {
  return (
    <Table.Tr>
      <Table.Th fw={400} c="dimmed" style={{ verticalAlign: "top", whiteSpace: "nowrap" }}>
        {fieldTitle(field)}
      </Table.Th>
      <Table.Td>
        <Text size="sm" {...(finding ? { fw: 600 } : { c: "dimmed" })}>
          {value}
        </Text>
        {finding && (
          <>
            <Text size="xs" c="var(--reslab-departure)">
              {finding.message}
            </Text>
            <Grounds finding={finding} />
          </>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
