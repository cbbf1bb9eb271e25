// A run's progress: a bar with text below it.
import { type Progress, percentDone, progressText } from "./progress";
import styles from "./status.module.css";

export function ProgressLine({ run, size = "sm" }: { run: Progress; size?: "sm" | "lg" }) {
  const [done, words] = [percentDone(run), progressText(run)];
  return (
    <div className={styles.progress} data-size={size}>
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
      <div className={styles.words}>{words}</div>
    </div>
  );
}
