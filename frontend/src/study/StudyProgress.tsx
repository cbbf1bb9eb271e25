// A study's progress: a bar until it has ended, with the same in words below.
import type { StudySummary } from "../api/client";
import styles from "../run/status.module.css";
import { timeLeft } from "../units";
import { percentOf, progressText } from "./progress";

type Props = { study: Pick<StudySummary, "status" | "progress">; finishesInS?: number | null };

export function StudyProgress({ study: { status, progress }, finishesInS }: Props) {
  const left = finishesInS == null ? "" : ` · ${timeLeft(finishesInS)} left`;
  const text = progressText(progress) + left;
  const done = percentOf(progress);
  return (
    <div className={styles.progress}>
      {status !== "ended" && (
        <div
          className={styles.track}
          role="progressbar"
          aria-label="progress"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(done)}
          aria-valuetext={text}
        >
          <div className={styles.done} data-status={status} style={{ width: `${done}%` }} />
        </div>
      )}
      <div className={styles.words}>{text}</div>
    </div>
  );
}
