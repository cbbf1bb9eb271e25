// A row of the table: checkbox, the run's name with its data set and seed, and the chosen columns.

import { type MouseEvent, memo } from "react";
import type { Run } from "../../../api/types";
import { RunState } from "../../../run/RunState";
import { specText } from "../../../run/spec";
import type { Column } from "./columns";
import { RunLink } from "./RunLink";
import styles from "./table.module.css";

type Props = {
  run: Run;
  index: number;
  height: number;
  columns: readonly Column[];
  isNarrow: boolean;
  isSelected: boolean;
  onSelect: (index: number, isRange: boolean) => void;
};

/**
 * Drawn of plain elements: a scroll draws many rows at once, and Mantine's components in each cell would take most of a
 * frame.
 */
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
        <input
          type="checkbox"
          className={styles.select}
          aria-label={`select ${run.name}`}
          checked={isSelected}
          onChange={onBox}
        />
      </td>
      <td>
        <RunLink run={run} />
        <div className={styles.dimmed}>
          {run.spec.dataset}, seed {specText(run, "seed")}
        </div>
        {isNarrow && <RunState run={run} />}
      </td>
      {columns.map(({ id, isNumber, cell }) => (
        <td key={id} className={isNumber ? styles.number : undefined}>
          {cell(run)}
        </td>
      ))}
    </tr>
  );
});

/** A row in sight whose run has not been fetched yet. */
export function Placeholder({ height, columns }: { height: number; columns: number }) {
  return (
    <tr style={{ height }} className={styles.row}>
      <td colSpan={columns}>
        <span className={styles.waiting}>…</span>
      </td>
    </tr>
  );
}
