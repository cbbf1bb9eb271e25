// What a run is doing: its status with a bar while it is open, why it ended early, or how long it trained.
import type { Run } from "../api/types";
import { formatCount, pluralize } from "../units";
import { ImportedMark } from "./Imported";
import { ProgressBar } from "./ProgressBar";
import { hasBar, isOpen, type Progress, percentDone, progressText } from "./progress";
import { StatusBadge } from "./StatusBadge";
import styles from "./status.module.css";

type Shown = Progress & Partial<Pick<Run, "reason" | "origin">>;

/** A run that has succeeded needs neither mark nor bar: it shows its length, and its status only to a screen reader. */
export function RunState({ run }: { run: Shown }) {
  if (run.status === "succeeded")
    return (
      <span className={styles.badge} data-status="succeeded" title="succeeded">
        <span className="visually-hidden">succeeded, </span>
        {pluralize(run.iterations, "iteration")} <ImportedMark run={run} />
      </span>
    );
  const done = percentDone(run);
  const words = progressText(run);
  return (
    <div className={styles.state}>
      <StatusBadge status={run.status} reason={run.reason} />
      {hasBar(run) && <ProgressBar percent={done} words={words} status={run.status} />}
      <div className={styles.words} title={words}>
        {isOpen(run) ? words : `at iteration ${formatCount(run.iteration)}`}
      </div>
    </div>
  );
}
