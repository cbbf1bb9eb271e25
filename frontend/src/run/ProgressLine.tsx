// A run's progress: a bar while it is open, with the same in words below. A run that has ended has only the words.
import { isOpen, type Progress, percentDone, progressText } from "./progress";
import styles from "./status.module.css";

export function ProgressLine({ run, size = "sm" }: { run: Progress; size?: "sm" | "lg" }) {
  const [done, words] = [percentDone(run), progressText(run)];
  return (
    <div className={styles.progress} data-size={size}>
      {isOpen(run) && (
        <div
          className={styles.track}
          role="progressbar"
          aria-label="progress"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(done)}
          aria-valuetext={words}
        >
          <div className={styles.done} data-status={run.status} style={{ width: `${done}%` }} />
        </div>
      )}
      <div className={styles.words}>{words}</div>
    </div>
  );
}
