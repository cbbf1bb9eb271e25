// The levels of a panel by name, in a row below it: the plot itself has only their values, in its margin.
import { type Figure, levelName } from "../figure";
import styles from "../layout.module.css";

type Props = { figure: Figure; height: readonly [number, number] };

/** The levels in view; nothing where there are none. */
export function Levels({ figure, height: [low, high] }: Props) {
  const shown = figure.references.filter(({ value }) => value >= low && value <= high);
  if (shown.length === 0) return null;
  return (
    <ul className={styles.levels} aria-label={`levels of ${figure.label}`}>
      {shown.map((level) => (
        <li key={level.name}>{levelName(level)}</li>
      ))}
    </ul>
  );
}
