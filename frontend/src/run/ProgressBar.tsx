// How much of a run or a study is done, as a bar in its status's colour.
import styles from "./status.module.css";

type Props = { percent: number; words: string; status: string };

export function ProgressBar({ percent, words, status }: Props) {
  return (
    <div
      className={styles.track}
      role="progressbar"
      aria-label="progress"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(percent)}
      aria-valuetext={words}
    >
      <div className={styles.done} data-status={status} style={{ width: `${percent}%` }} />
    </div>
  );
}
