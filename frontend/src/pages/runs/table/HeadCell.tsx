// The head of a column: a button that sorts by it, where the API can, and the edge that changes its width.

import { nextSort } from "../../../address/listing";
import { ColumnEdge } from "./ColumnEdge";
import type { Column } from "./columns";
import styles from "./table.module.css";

type Props = Pick<Column, "title" | "unit" | "width" | "sort" | "isNumber"> & {
  /** The list's current order. */
  current: string | undefined;
  onSort: (sort: string | undefined) => void;
  /** Absent where the reader can't change the widths. */
  onWidth?: ((width: number | undefined) => void) | undefined;
};

export function HeadCell({
  title,
  unit,
  width,
  sort,
  isNumber,
  current = "-created_at",
  onSort,
  onWidth,
}: Props) {
  const isDown = current === `-${sort?.by}`;
  const isSorted = isDown || current === sort?.by;
  return (
    <th
      scope="col"
      aria-label={title}
      className={isNumber ? styles.number : undefined}
      aria-sort={sort && isSorted ? (isDown ? "descending" : "ascending") : undefined}
    >
      {sort ? (
        <button
          type="button"
          className={styles.sort}
          onClick={() => onSort(nextSort(sort.by, sort.first, current))}
        >
          {title}
          {unit && <span className={styles.unit}> {unit}</span>}
          {isSorted && <span aria-hidden="true">{isDown ? " ↓" : " ↑"}</span>}
        </button>
      ) : (
        <>
          {title}
          {unit && <span className={styles.unit}> {unit}</span>}
        </>
      )}
      {onWidth && <ColumnEdge title={title} width={width} onWidth={onWidth} />}
    </th>
  );
}
