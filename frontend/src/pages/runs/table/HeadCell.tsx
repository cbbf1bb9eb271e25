// The head of a column: the button that sorts, where the API can sort by it, and the edge that sizes it.

import { nextSort } from "../../../address/listing";
import { ColumnEdge } from "./ColumnEdge";
import type { Column } from "./columns";
import styles from "./table.module.css";

type Props = Pick<Column, "title" | "width" | "sort" | "isNumber"> & {
  /** The order of the list. */
  now: string | undefined;
  onSort: (sort: string | undefined) => void;
  /** Absent where the columns cannot be sized. */
  onWidth?: ((width: number | undefined) => void) | undefined;
};

export function HeadCell({ title, width, sort, isNumber, now = "-created_at", onSort, onWidth }: Props) {
  const isDown = now === `-${sort?.by}`;
  const isSorted = isDown || now === sort?.by;
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
          onClick={() => onSort(nextSort(sort.by, sort.first, now))}
        >
          {title}
          {isSorted && <span aria-hidden="true">{isDown ? " ↓" : " ↑"}</span>}
        </button>
      ) : (
        title
      )}
      {onWidth && <ColumnEdge title={title} width={width} onWidth={onWidth} />}
    </th>
  );
}
