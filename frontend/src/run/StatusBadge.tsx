// A run's status: a word, and a colour that only repeats it.
import type { Status } from "../address/listing";
import styles from "./status.module.css";

/** `reason` says why a run failed, in the API's words: "diverged", "out_of_memory". */
export function StatusBadge({ status, reason }: { status: Status; reason?: string | null | undefined }) {
  const words = reason ? `${status}: ${reason.replaceAll("_", " ")}` : status;
  return (
    <span className={styles.badge} data-status={status} title={reason ? words : undefined}>
      {words}
    </span>
  );
}
