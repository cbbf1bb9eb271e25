// The table below a chart: each line's value at the cursor, the highest first, beside the line's look.
import { Table, Text } from "@mantine/core";
import { useSyncExternalStore } from "react";
import type { Cursor } from "../cursor";
import type { Figure, Line } from "../figure";
import type { Look } from "../look";
import {
  byValue,
  difference,
  extent,
  meansSentence,
  type Reading,
  type ReferenceReading,
  readingOf,
  referencesAt,
  valueText,
  whereOf,
} from "./readings";
import { Swatch } from "./Swatch";
import styles from "./table.module.css";

type Props = { figure: Figure; cursor: Cursor; look: Look };

export function Readout({ figure, cursor, look }: Props) {
  const position = useSyncExternalStore(cursor.listen, cursor.now);
  const { unit } = figure;
  const lines = distinct(figure.lines.filter(({ weight }) => weight !== "faint"));
  const rows = byValue(lines.map((line) => readingOf(line, figure, position.x)));
  const columns = columnsOf(referencesAt(figure, position.x));
  const means = meansSentence(rows);
  const hasBuckets = rows.some(({ least }) => least !== undefined);
  const hasMembers = rows.some(({ n }) => n !== undefined);
  return (
    <>
      <Text size="xs" c="dimmed" mt="xs">
        {whereOf(figure, position)}
        {means && ` · ${means}`}
      </Text>
      <Table.ScrollContainer minWidth={300} type="native" tabIndex={0}>
        <table aria-label={`${figure.label} at the cursor`} className={styles.readout}>
          <thead>
            <tr>
              <th>Curve</th>
              <th>Value</th>
              {hasBuckets && <th className={styles.accompanying}>Min – max</th>}
              {hasMembers && <th className={styles.accompanying}>n</th>}
              <th>Iteration</th>
              {columns.map(({ name, title }) => (
                <th key={name} title={title}>
                  From {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ line, value, at, least, most, n }) => (
              <tr key={`${line.key} ${line.name}`}>
                <td>
                  <Swatch line={line} look={look} />
                  {line.name}
                </td>
                <td className={styles.value}>{value === undefined ? "–" : valueText(value, unit)}</td>
                {hasBuckets && (
                  <td className={styles.accompanying}>
                    {least === undefined || most === undefined ? "" : extent(least, most, unit)}
                  </td>
                )}
                {hasMembers && <td className={styles.accompanying}>{n}</td>}
                <td>{at ?? "–"}</td>
                {columns.map((column) => (
                  <td key={column.name}>{signed(differenceIn(column, { line, value }))}</td>
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

/** A curve that stands in two panels has one row. */
const distinct = (lines: readonly Line[]): Line[] => [
  ...new Map(lines.map((line) => [`${line.key} ${line.name}`, line])).values(),
];

type Column = { name: string; title: string; references: readonly ReferenceReading[] };

/** A column for each run that the others are compared with, and one for the paper's numbers, each for its own curves. */
function columnsOf(references: readonly ReferenceReading[]): Column[] {
  const published = references.filter(({ keys }) => keys);
  const runs = references.filter(({ keys }) => !keys);
  return [
    ...runs.map((run) => ({
      name: run.name,
      title: "Difference from this run's curve, in points",
      references: [run],
    })),
    ...(published.length > 0
      ? [
          {
            name: "paper",
            title: "Difference from the paper's error of this network, in points",
            references: published,
          },
        ]
      : []),
  ];
}

const differenceIn = ({ references }: Column, reading: Reading): number | undefined =>
  references.map((reference) => difference(reading, reference)).find((value) => value !== undefined);
