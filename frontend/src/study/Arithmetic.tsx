// A verdict and how it was reached: the compared numbers, every step of the arithmetic, or why there is no comparison.
import { List, Stack, Table, Text } from "@mantine/core";
import type { StudyCell, Verdict } from "../api/types";

export function Arithmetic({ cell, verdict }: { cell: StudyCell; verdict: Verdict }) {
  return (
    <Stack gap="xs" component="section" aria-label={`verdict on ${cell.network}`} maw={760}>
      <Text size="sm" fw={600}>
        {verdict.outcome === "not comparable" ? "Not comparable with the paper's number:" : verdict.sentence}
      </Text>
      {cell.attrition && <Text size="sm">{cell.attrition.sentence}</Text>}
      <Sentences items={verdict.reasons} />
      <Text size="sm">
        Your number: {verdict.ours} (n = {cell.runs}). The paper's number: {verdict.theirs}.
      </Text>
      {verdict.steps.length > 0 && <Steps verdict={verdict} />}
      {verdict.interval && (
        <Text size="sm">
          The difference (your result minus the paper's) lies between {signed(verdict.interval[0])} and{" "}
          {signed(verdict.interval[1])} points. {verdict.assumption}
        </Text>
      )}
      <Sentences items={verdict.warnings} />
    </Stack>
  );
}

function Sentences({ items }: { items: readonly string[] }) {
  if (items.length === 0) return null;
  return (
    <List size="sm" spacing={2}>
      {items.map((item) => (
        <List.Item key={item}>{item}</List.Item>
      ))}
    </List>
  );
}

function Steps({ verdict: { steps } }: { verdict: Verdict }) {
  return (
    <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
      <Table aria-label="arithmetic" verticalSpacing={4} fz="xs">
        <Table.Tbody>
          {steps.map(({ name, sum, value }) => (
            <Table.Tr key={name}>
              <Table.Th fw={400}>{name}</Table.Th>
              <Table.Td style={{ fontVariantNumeric: "tabular-nums" }}>{sum}</Table.Td>
              <Table.Td ta="right" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
                {String(Number(value.toPrecision(4))).replace("-", "−")}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const signed = (points: number): string => `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(2)}`;
