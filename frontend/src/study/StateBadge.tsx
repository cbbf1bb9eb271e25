// A study's status as a word, with the mark of a run's status.
import type { StudySummary } from "../api/types";
import styles from "../run/status.module.css";

export function StateBadge({ status }: Pick<StudySummary, "status">) {
  return (
    <span className={styles.badge} data-status={status === "ended" ? "succeeded" : status}>
      {status}
    </span>
  );
}
