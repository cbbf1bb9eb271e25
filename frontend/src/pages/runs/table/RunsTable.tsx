// The runs as a table of any length; a narrow screen shows name, state and test error.
import { useMediaQuery } from "@mantine/hooks";
import { type UIEvent, useRef, useState } from "react";
import type { Run } from "../../../api/types";
import { useShortcuts } from "../../../ui/useShortcuts";
import { type Column, columnsOf, NAME } from "./columns";
import { HeadCell } from "./HeadCell";
import { Placeholder, Row } from "./Row";
import styles from "./table.module.css";
import { useWidths } from "./widths";
import { type Range, rowsInSight } from "./window";

// Pixels. On a phone a row has the status below the name.
const [ROW, NARROW_ROW, BOX_WIDTH, NARROW_ERROR] = [52, 108, 36, 96];

type Props = {
  runs: readonly Run[];
  total: number;
  columns: readonly Column[];
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  selected: ReadonlyMap<string, Run>;
  onSelect: (index: number, isRange: boolean) => void;
  onSelectAll: () => void;
  /** Gets the rows in sight. */
  onSight: (rows: Range) => void;
};

export function RunsTable({ runs, total, columns, sort, onSort, onSight, ...selection }: Props) {
  const isNarrow = useMediaQuery("(max-width: 47.99em)", false, { getInitialValueInEffect: false });
  const rowHeight = isNarrow ? NARROW_ROW : ROW;
  const visible = isNarrow ? columnsOf([]).filter(({ id }) => id === "test_error") : columns;
  const { widths, resize } = useWidths();
  const widthOf = ({ id, width }: Pick<Column, "id" | "width">) => widths[id] ?? width;
  // The name column takes the room that the others leave, until the reader sets its width.
  const totalWidth = [NAME, ...visible].reduce((sum, column) => sum + widthOf(column), BOX_WIDTH);
  const isSized = !isNarrow && widths[NAME.id] !== undefined;
  const head = { current: sort, onSort };
  const widthProps = (column: Omit<Column, "cell">) =>
    isNarrow
      ? { width: column.width }
      : {
          width: widthOf(column),
          onWidth: (width: number | undefined) => resize(column.id, width),
        };
  const viewport = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState(() => rowsInSight(0, window.innerHeight, rowHeight, total));
  const { first, last } = {
    first: Math.min(sight.first, total),
    last: Math.min(Math.max(sight.last, 20), total),
  };
  const onScroll = ({ currentTarget: { scrollTop, clientHeight } }: UIEvent<HTMLDivElement>) => {
    const now = rowsInSight(scrollTop, clientHeight, rowHeight, total);
    if (now.first === sight.first && now.last === sight.last) return;
    setSight(now);
    onSight(now);
  };
  const { selected, onSelect, onSelectAll } = selection;
  const focused = () => document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset.row;
  const step = (by: 1 | -1) => {
    const now = focused();
    const top = Math.ceil((viewport.current?.scrollTop ?? 0) / rowHeight);
    const row = viewport.current?.querySelector(`[data-row="${now === undefined ? top : Number(now) + by}"]`);
    row?.scrollIntoView({ block: "nearest" });
    row?.querySelector("a")?.focus({ preventScroll: true });
  };
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    x: () => {
      const now = focused();
      if (now !== undefined) onSelect(Number(now), false);
    },
  });
  const isAll = runs.length > 0 && runs.every(({ id }) => selected.has(id));
  return (
    <section
      ref={viewport}
      className={styles.viewport}
      onScroll={onScroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="runs, scrollable"
      data-scroll-restoration-id="runs"
    >
      <table
        className={styles.table}
        aria-label="runs"
        aria-rowcount={total + 1}
        style={isSized ? { width: totalWidth } : { minWidth: isNarrow ? undefined : totalWidth }}
      >
        <colgroup>
          <col style={{ width: BOX_WIDTH }} />
          <col style={isSized ? { width: widthOf(NAME) } : {}} />
          {visible.map((column) => (
            <col key={column.id} style={{ width: isNarrow ? NARROW_ERROR : widthOf(column) }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                className={styles.select}
                aria-label="select all loaded runs"
                checked={isAll}
                ref={(box) => {
                  if (box) box.indeterminate = !isAll && selected.size > 0;
                }}
                onChange={onSelectAll}
              />
            </th>
            <HeadCell {...NAME} {...head} {...widthProps(NAME)} />
            {visible.map((column) => (
              <HeadCell key={column.id} {...column} {...head} {...widthProps(column)} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap height={first * rowHeight} columns={visible.length + 2} />
          {Array.from({ length: last - first }, (_, offset) => {
            const index = first + offset;
            const run = runs[index];
            if (!run)
              return <Placeholder key={`row ${index}`} height={rowHeight} columns={visible.length + 2} />;
            return (
              <Row
                key={run.id}
                {...{ run, index, isNarrow, onSelect }}
                height={rowHeight}
                columns={visible}
                isSelected={selected.has(run.id)}
              />
            );
          })}
          <Gap height={(total - last) * rowHeight} columns={visible.length + 2} />
        </tbody>
      </table>
    </section>
  );
}

/** Empty space in place of the rows out of sight. */
function Gap({ height, columns }: { height: number; columns: number }) {
  if (height === 0) return null;
  return (
    <tr>
      <td colSpan={columns} style={{ height, padding: 0 }} />
    </tr>
  );
}
