// A run's status as a word, with a colour that repeats it.
import type { Status } from "../address/listing";
import styles from "./status.module.css";

/** `reason` is why a run failed, in the API's words: "diverged", "out_of_memory". */
export function StatusBadge({ status, reason }: { status: Status; reason?: string | null | undefined }) {
  const words = reason ? `${status}: ${reason.replaceAll("_", " ")}` : status;
  return (
    <span className={styles.badge} data-status={status} title={reason ? words : undefined}>
      {words}
    </span>
  );
}
