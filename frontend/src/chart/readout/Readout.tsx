// The table below a chart: each line's value at the cursor, the highest first, beside the line's look.
import { Table, Text } from "@mantine/core";
import type { Figure, Line } from "../figure";
import { colorOf, dashOf, type Look } from "../look";
import { byValue, difference, extent, type Reading, type ReferenceReading, valueText } from "./readings";
import styles from "./table.module.css";

type Props = {
  figure: Figure;
  readings: readonly Reading[];
  references: readonly ReferenceReading[];
  look: Look;
  where: string;
};

export function Readout({ figure, readings, references, look, where }: Props) {
  const { unit } = figure;
  const rows = byValue(readings.filter(({ line }) => line.weight !== "faint"));
  const hasBuckets = rows.some(({ least }) => least !== undefined);
  const hasMembers = rows.some(({ n }) => n !== undefined);
  return (
    <>
      <Text size="xs" c="dimmed" mt="xs">
        {where}
      </Text>
      <Table.ScrollContainer minWidth={300} type="native" tabIndex={0}>
        <table aria-label={`${figure.label} at the cursor`} className={styles.readout}>
          <thead>
            <tr>
              <th>Curve</th>
              <th>Value</th>
              {hasBuckets && <th>Min – max</th>}
              {hasMembers && <th>n</th>}
              <th>Iteration</th>
              {references.map(({ name, lines }) => (
                <th
                  key={name}
                  title={`Difference from ${lines ? "this run's curve" : "this number"}, in points`}
                >
                  − {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ line, value, at, least, most, n }) => (
              <tr key={line.name}>
                <td>
                  <Stroke line={line} look={look} />
                  {line.name}
                </td>
                <td className={styles.value}>{value === undefined ? "–" : valueText(value, unit)}</td>
                {hasBuckets && (
                  <td>{least === undefined || most === undefined ? "" : extent(least, most, unit)}</td>
                )}
                {hasMembers && <td>{n}</td>}
                <td>{at ?? "–"}</td>
                {references.map((reference) => (
                  <td key={reference.name}>{signed(difference({ line, value }, reference))}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Table.ScrollContainer>
    </>
  );
}

const signed = (difference: number | undefined): string =>
  difference === undefined ? "" : `${difference < 0 ? "−" : "+"}${Math.abs(difference).toFixed(2)}`;

function Stroke({ line, look }: { line: Line; look: Look }) {
  return (
    <svg width="26" height="10" aria-hidden="true">
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
