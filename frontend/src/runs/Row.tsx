// A row of the table: its box, the run's name with what tells it from others, and the chosen columns.
import { Anchor, Box, Checkbox, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type MouseEvent, memo } from "react";
import type { Run } from "../api/client";
import type { Column } from "./columns";
import styles from "./runs.module.css";
import { StatusBadge } from "./StatusBadge";

type Props = {
  run: Run;
  index: number;
  height: number;
  columns: readonly Column[];
  isNarrow: boolean;
  isSelected: boolean;
  onSelect: (index: number, isRange: boolean) => void;
};

/** While the list is scrolled, only the rows that come into sight are drawn. */
export const Row = memo(function Row({ run, index, height, columns, isNarrow, isSelected, onSelect }: Props) {
  const onBox = ({ nativeEvent }: { nativeEvent: Event | MouseEvent }) =>
    onSelect(index, "shiftKey" in nativeEvent && nativeEvent.shiftKey);
  return (
    <tr
      className={styles.row}
      style={{ height }}
      aria-rowindex={index + 2}
      data-selected={isSelected || undefined}
      data-row={index}
    >
      <td>
        <Checkbox size="xs" aria-label={`select ${run.name}`} checked={isSelected} onChange={onBox} />
      </td>
      <td>
        <Anchor component={Link} to={`/runs/${run.id}`} fw={600} size="sm" title={run.name}>
          {run.name}
        </Anchor>
        <Text size="xs" c="dimmed" truncate>
          {run.spec.dataset} · seed {run.spec.seed}
        </Text>
        {isNarrow && (
          <Box mt={4}>
            <StatusBadge status={run.status} reason={run.reason} />
          </Box>
        )}
      </td>
      {columns.map(({ id, isNumber, of }) => (
        <td key={id} className={isNumber ? styles.number : undefined}>
          {of(run)}
        </td>
      ))}
    </tr>
  );
});

/** A row that was scrolled to before it has come. */
export function Placeholder({ height, columns }: { height: number; columns: number }) {
  return (
    <tr style={{ height }} className={styles.row}>
      <td colSpan={columns}>
        <Text span c="dimmed" ml={44}>
          …
        </Text>
      </td>
    </tr>
  );
}
