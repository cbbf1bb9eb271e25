// One panel of a chart: its canvas, the keys that move its cursor, and the values at the pointer.
import { type KeyboardEvent, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Margins } from "./canvas/marks";
import { Plot, type Point } from "./canvas/plot";
import type { Cursor } from "./cursor";
import type { Figure } from "./figure";
import { press } from "./keys";
import styles from "./layout.module.css";
import type { Look } from "./look";
import { Levels } from "./readout/Levels";
import { readingOf, spokenReadings } from "./readout/readings";
import { Tooltip } from "./readout/Tooltip";
import type { ChartView } from "./view";

type Props = {
  /** The panel's part of the chart: only its lines, under its own label. */
  figure: Figure;
  title: string;
  /** The y axis that all panels share. */
  height: readonly [number, number];
  /** The room for labels around all panels. */
  margins: Margins;
  view: ChartView;
  look: Look;
  cursor: Cursor;
  lifted: string | undefined;
  onZoom: (range: [number, number] | undefined) => void;
  announce: (text: string) => void;
  /** Takes the panel's plot, for the picture of the screen. */
  onPlot: (plot: Plot | undefined) => void;
};

export function Panel({ figure, title, height, margins, view, look, cursor, lifted, ...on }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(null);
  const handlers = useRef(on);
  handlers.current = on;
  const [point, setPoint] = useState<Point>();
  // Only a pinned cursor changes the label: a hundred readings for each move of the pointer would cost a frame.
  const pinned = useSyncExternalStore(cursor.listen, () =>
    cursor.now().isPinned ? cursor.now().x : undefined,
  );

  useEffect(() => {
    if (!host.current) return;
    const created = new Plot(host.current, {
      look,
      cursor,
      onZoom: (range) => handlers.current.onZoom(range),
      onPoint: setPoint,
    });
    plot.current = created;
    handlers.current.onPlot(created);
    return () => {
      handlers.current.onPlot(undefined);
      created.destroy();
    };
  }, [look, cursor]);

  // Also after a change of theme, because that makes a new plot.
  // biome-ignore lint/correctness/useExhaustiveDependencies: look and cursor make a new plot
  useEffect(
    () => plot.current?.show({ figure, view, height, margins }),
    [figure, view, height, margins, look, cursor],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new drawing has no curve lifted yet
  useEffect(() => plot.current?.lift(lifted), [lifted, figure, view, height, margins, look, cursor]);

  const spoken = (x: number | undefined) =>
    spokenReadings(
      figure,
      figure.lines.map((line) => readingOf(line, figure, x)),
    );
  // biome-ignore lint/correctness/useExhaustiveDependencies: spoken is a new function at every render
  const label = useMemo(() => spoken(pinned), [figure, pinned]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!press(event, figure, cursor, on.onZoom)) return;
    event.preventDefault();
    on.announce(spoken(cursor.now().x));
  };
  return (
    <div className={styles.panel}>
      {title && <div className={styles.title}>{title}</div>}
      <div
        ref={host}
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move its cursor
        tabIndex={0}
        aria-label={label}
        aria-description="Arrow keys move the cursor, Enter pins it, plus and minus zoom, 0 shows everything."
        onKeyDown={onKeyDown}
        className={styles.canvas}
      />
      <Levels figure={figure} height={height} />
      {point && <Tooltip figure={figure} cursor={cursor} point={point} look={look} />}
    </div>
  );
}
