// The outcome of a verdict or a claim as a word; its colour adds nothing to the word.
import styles from "./verdict.module.css";

const TONES: Record<string, "good" | "bad" | "unsure"> = {
  reproduced: "good",
  better: "good",
  holds: "good",
  matches: "good",
  worse: "bad",
  "does not hold": "bad",
  differs: "bad",
  "not comparable": "unsure",
  "not testable by these runs": "unsure",
};

export function VerdictBadge({ outcome }: { outcome: string }) {
  return (
    <span className={styles.verdict} data-tone={TONES[outcome]}>
      {outcome}
    </span>
  );
}
