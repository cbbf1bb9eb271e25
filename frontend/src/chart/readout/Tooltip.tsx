// The values at the pointer, nearest curves first. Hidden from screen readers, which have the table below the chart.
import { useSyncExternalStore } from "react";
import type { Point } from "../canvas/plot";
import type { Cursor } from "../cursor";
import type { Figure } from "../figure";
import styles from "../layout.module.css";
import type { Look } from "../look";
import { extent, nearest, type Reading, readingOf, valueText, whereOf } from "./readings";
import { Swatch } from "./Swatch";

const ROWS = 10;

type Props = { figure: Figure; cursor: Cursor; point: Point; look: Look };

export function Tooltip({ figure, cursor, point, look }: Props) {
  const position = useSyncExternalStore(cursor.listen, cursor.now);
  if (position.x === undefined) return null;
  const readings = figure.lines
    .filter(({ weight }) => weight !== "faint")
    .map((line) => readingOf(line, figure, position.x))
    .filter(({ value }) => value !== undefined);
  const shown = nearest(readings, point.y, ROWS);
  // On the other side of the pointer from the nearer edge.
  const side =
    point.left > point.width / 2 ? { right: point.width - point.left + 16 } : { left: point.left + 16 };
  return (
    <div className={styles.tooltip} aria-hidden="true" style={{ top: Math.max(point.top - 12, 0), ...side }}>
      <div className={styles.dimmed}>{whereOf(figure, position)}</div>
      <table>
        <tbody>
          {shown.map((reading) => (
            <Row key={`${reading.line.key} ${reading.line.name}`} {...{ reading, look, unit: figure.unit }} />
          ))}
        </tbody>
      </table>
      {readings.length > shown.length && (
        <div className={styles.dimmed}>and {readings.length - shown.length} more, in the table below</div>
      )}
    </div>
  );
}

function Row({
  reading: { line, value, least, most },
  look,
  unit,
}: {
  reading: Reading;
  look: Look;
  unit: string;
}) {
  return (
    <tr>
      <td>
        <Swatch line={line} look={look} />
        {line.name}
      </td>
      <td>{value === undefined ? "–" : valueText(value, unit)}</td>
      <td className={styles.dimmed}>
        {least === undefined || most === undefined ? "" : extent(least, most, unit)}
      </td>
    </tr>
  );
}
