// The chart's points as a table, for readers who don't see the chart; drawn only once it is open.
import { Table, Text } from "@mantine/core";
import { memo, useState } from "react";
import type { Figure } from "../figure";
import { readingOf, valueText } from "./readings";

const ROWS = 24;

export const PointsTable = memo(function PointsTable({ figure }: { figure: Figure }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Text span size="sm">
          Show as a table
        </Text>
      </summary>
      {isOpen && <Points figure={figure} />}
    </details>
  );
});

/** Rows spread evenly over the longest line; every point is in the CSV. */
function Points({ figure }: { figure: Figure }) {
  const lines = figure.lines.filter(({ weight }) => weight !== "faint");
  const longest = lines.toSorted((a, b) => b.points.at.length - a.points.at.length)[0];
  if (!longest) return null;
  const count = longest.points.at.length;
  const indexes = Array.from({ length: Math.min(count, ROWS) }, (_, row) =>
    Math.round((row * (count - 1)) / Math.max(Math.min(count, ROWS) - 1, 1)),
  );
  return (
    <Table.ScrollContainer minWidth={300} type="native">
      <Table aria-label={`${figure.label} as a table`} verticalSpacing={2} fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Iteration</Table.Th>
            {lines.map(({ name }) => (
              <Table.Th key={name} ta="right">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {indexes.map((index) => (
            <Table.Tr key={index}>
              <Table.Th>{longest.iteration[index]}</Table.Th>
              {lines.map((line) => {
                const { value } = readingOf(line, figure, longest.points.at[index]);
                return (
                  <Table.Td key={line.name} ta="right">
                    {value === undefined ? "–" : valueText(value, figure.unit)}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
