// What a chart says at its cursor, sorted by value: in figures below it, and which line is whose.
import { Group, Table, Text } from "@mantine/core";
import type { Figure, Line } from "./figure";
import { colorOf, dashOf, type Look } from "./look";
import { type Against, difference, type Reading, sorted, written } from "./readings";

type Props = {
  figure: Figure;
  readings: readonly Reading[];
  against: readonly Against[];
  look: Look;
  where: string;
};

export function Readout({ figure, readings, against, look, where }: Props) {
  const { unit } = figure;
  const rows = sorted(readings.filter(({ line }) => line.weight !== "faint"));
  const hasBuckets = rows.some(({ least }) => least !== undefined);
  const hasMembers = rows.some(({ n }) => n !== undefined);
  return (
    <>
      <Text size="xs" c="dimmed" mt="xs">
        {where}
      </Text>
      <Table.ScrollContainer minWidth={300} type="native" tabIndex={0}>
        <Table
          aria-label={`${figure.label} at the cursor`}
          verticalSpacing={2}
          fz="sm"
          withRowBorders={false}
          w="auto"
        >
          <Table.Thead fz="xs">
            <Table.Tr>
              <Table.Th>Curve</Table.Th>
              <Table.Th ta="right">Value</Table.Th>
              {hasBuckets && <Table.Th ta="right">Min – max</Table.Th>}
              {hasMembers && <Table.Th ta="right">n</Table.Th>}
              <Table.Th ta="right">Iteration</Table.Th>
              {against.map(({ name, lines }) => (
                <Table.Th
                  key={name}
                  ta="right"
                  title={lines && "Its own curve of the same kind, at the cursor"}
                >
                  − {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody style={{ fontVariantNumeric: "tabular-nums" }}>
            {rows.map(({ line, value, at, least, most, n }) => (
              <Table.Tr key={line.name}>
                <Table.Td>
                  <Group gap={6} wrap="nowrap">
                    <Stroke line={line} look={look} />
                    {line.name}
                  </Group>
                </Table.Td>
                <Table.Td ta="right" fw={600}>
                  {value === undefined ? "–" : written(value, unit)}
                </Table.Td>
                {hasBuckets && (
                  <Table.Td ta="right">
                    {least === undefined || most === undefined
                      ? ""
                      : `${written(least, "")} – ${written(most, "")}`}
                  </Table.Td>
                )}
                {hasMembers && <Table.Td ta="right">{n}</Table.Td>}
                <Table.Td ta="right">{at ?? "–"}</Table.Td>
                {against.map((one) => (
                  <Table.Td key={one.name} ta="right">
                    {signed(difference({ line, value }, one))}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

const signed = (difference: number | undefined): string =>
  difference === undefined ? "" : `${difference < 0 ? "−" : "+"}${Math.abs(difference).toFixed(2)}`;

function Stroke({ line, look }: { line: Line; look: Look }) {
  return (
    <svg width="26" height="10" aria-hidden="true" style={{ flexShrink: 0 }}>
      <line
        x1="0"
        y1="5"
        x2="26"
        y2="5"
        stroke={colorOf(line, look)}
        strokeWidth={line.weight === "bold" ? 3 : 1.2}
        strokeDasharray={dashOf(line).join(" ")}
      />
    </svg>
  );
}
