// A run's notes, which people write in Markdown. HTML in them stays text, and pictures become links.
import { lazy, Suspense } from "react";
import { loadPart } from "../../../ui/loadPart";
import styles from "../run.module.css";

const Markdown = lazy(() =>
  loadPart(() => import("./Markdown")).then(({ Markdown }) => ({ default: Markdown })),
);

export function Notes({ text }: { text: string }) {
  return (
    <div className={styles.notes}>
      {/* The text itself, until the script that formats it has come. */}
      <Suspense fallback={<p>{text}</p>}>
        <Markdown text={text} />
      </Suspense>
    </div>
  );
}
