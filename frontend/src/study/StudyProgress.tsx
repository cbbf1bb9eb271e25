// A study's progress: a bar until it has ended, with the same in words below.
import type { StudySummary } from "../api/types";
import { ProgressBar } from "../run/ProgressBar";
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
      {status !== "ended" && <ProgressBar percent={done} words={text} status={status} />}
      <div className={styles.words}>{text}</div>
    </div>
  );
}
