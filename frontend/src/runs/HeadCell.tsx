// The head of a column, and, where the API can sort by it, the button that does.
import type { Column } from "./columns";
import { sortedBy } from "./filter";
import styles from "./runs.module.css";

type Props = Pick<Column, "title" | "sort" | "isNumber"> & {
  /** The order of the list. */
  now: string | undefined;
  onSort: (sort: string | undefined) => void;
};

export function HeadCell({ title, sort, isNumber, now = "-created_at", onSort }: Props) {
  const isDown = now === `-${sort?.by}`;
  const isSorted = isDown || now === sort?.by;
  return (
    <th
      scope="col"
      className={isNumber ? styles.number : undefined}
      aria-sort={sort && isSorted ? (isDown ? "descending" : "ascending") : undefined}
    >
      {sort ? (
        <button
          type="button"
          className={styles.sort}
          onClick={() => onSort(sortedBy(sort.by, sort.first, now))}
        >
          {title}
          {isSorted && <span aria-hidden="true">{isDown ? " ↓" : " ↑"}</span>}
        </button>
      ) : (
        title
      )}
    </th>
  );
}
