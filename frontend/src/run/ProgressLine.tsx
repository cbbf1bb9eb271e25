// A run's progress: a bar while it is open, with the same in words below. A run that has ended has only the words.
import { ProgressBar } from "./ProgressBar";
import { hasBar, type Progress, percentDone, progressText } from "./progress";
import styles from "./status.module.css";

export function ProgressLine({ run, size = "sm" }: { run: Progress; size?: "sm" | "lg" }) {
  const [done, words] = [percentDone(run), progressText(run)];
  return (
    <div className={styles.progress} data-size={size}>
      {hasBar(run) && <ProgressBar percent={done} words={words} status={run.status} />}
      <div className={styles.words}>{words}</div>
    </div>
  );
}
