// A chart on a page: its panels beside one legend, its values as text and as tables, and what saves it.
import { Group, Text } from "@mantine/core";
import { type ComponentType, memo, useMemo, useRef, useState } from "react";
import "uplot/dist/uPlot.min.css";
import { pluralize } from "../units";
import type { OnView } from "./Controls";
import { marginsOf } from "./canvas/marks";
import type { Plot } from "./canvas/plot";
import { rangeOf, rangeSentences } from "./canvas/range";
import type { Cursor } from "./cursor";
import { Exports } from "./exports/Exports";
import { type Figure, isIn, isShown, linesIn, pointsBehind } from "./figure";
import styles from "./layout.module.css";
import type { LegendProps } from "./legend/Legend";
import { iterationAt } from "./lines";
import { Panel } from "./Panel";
import { PointsTable } from "./readout/PointsTable";
import { Readout } from "./readout/Readout";
import { useLook } from "./useLook";
import type { ChartView, View } from "./view";

type Props = {
  figure: Figure;
  view: ChartView;
  onView: OnView;
  cursor: Cursor;
  /** Left out where a chart has one curve; a page with such charts then doesn't load it. */
  legend?: ComponentType<LegendProps>;
};

export function Chart({ figure: whole, view, onView, cursor, legend: Legend }: Props) {
  const look = useLook();
  const plots = useRef<(Plot | undefined)[]>([]);
  const [announcement, announce] = useState("");
  const [lifted, lift] = useState<string>();
  const figure = useMemo(() => shownOf(whole, view.hide), [whole, view.hide]);
  const height = useMemo(() => rangeOf(figure, view), [figure, view]);
  const margins = useMemo(() => marginsOf(figure), [figure]);
  const panels = useMemo(() => panelsOf(figure), [figure]);
  const zoom = (range: [number, number] | undefined) => onView(windowOf(range, figure));
  const points = pointsBehind(figure);
  return (
    <figure aria-label={figure.label} className={styles.chart}>
      <div className={styles.panels} data-count={panels.length}>
        {panels.map(({ title, part }, nth) => (
          <Panel
            key={title}
            {...{ title, height, margins, view, look, cursor, lifted, announce }}
            figure={part}
            onZoom={zoom}
            onPlot={(plot) => {
              plots.current[nth] = plot;
            }}
          />
        ))}
      </div>
      {Legend && <Legend {...{ figure: whole, view, onView, look, lift }} />}
      <span role="status" className="visually-hidden">
        {announcement}
      </span>
      <figcaption className={styles.caption}>
        <Group justify="space-between" gap="xs">
          <Text size="xs" c="dimmed">
            {points > 0
              ? countsOf(figure)
              : whole.lines.length > 0 && "No points yet. Curves appear as the run trains."}
            {points > 0 && (
              <Text span inherit visibleFrom="sm">
                {" "}
                Drag to zoom, double-click to show all, click to pin the cursor, arrow keys to move it.
              </Text>
            )}
          </Text>
          {whole.lines.length > 0 && (
            <Exports {...{ figure, view, height, look }} parts={panels} plots={plots.current} />
          )}
        </Group>
        {rangeSentences(figure, view).map((sentence) => (
          <Text key={sentence} size="xs" c="dimmed">
            {sentence}
          </Text>
        ))}
        {points > 0 && <Tables figure={figure} cursor={cursor} />}
      </figcaption>
    </figure>
  );
}

/** Memoised: the table of points doesn't change while a curve is lifted. */
const Tables = memo(function Tables({ figure, cursor }: { figure: Figure; cursor: Cursor }) {
  const look = useLook();
  return (
    <>
      <Readout figure={figure} cursor={cursor} look={look} />
      <PointsTable figure={figure} />
    </>
  );
});

const countsOf = (figure: Figure): string =>
  `${pluralize(pointsBehind(figure), "point")}${figure.step > 1 ? `; where they are dense, the mean of ${figure.step} iterations is drawn` : ""}.`;

const RANKS = { faint: 0, thin: 1, bold: 2 };

/** Without the hidden curves, and with the bold lines on top. */
function shownOf(figure: Figure, hide: readonly string[] = []): Figure {
  const lines = figure.lines
    .filter((line) => isShown(line, hide))
    .toSorted((a, b) => RANKS[a.weight] - RANKS[b.weight]);
  return { ...figure, lines };
}

/** The panels' parts of a figure. */
function panelsOf(figure: Figure) {
  const { panels = [""], label } = figure;
  return panels.map((title, nth) => ({
    title,
    part: partOf(figure, nth, title ? `${label}, ${title}` : label),
  }));
}

/** A panel's lines, and the levels that they are compared with. */
function partOf(figure: Figure, panel: number, label: string): Figure {
  const lines = linesIn(figure, panel);
  const references = figure.references.filter((reference) => isIn(reference, figure, panel));
  return { ...figure, lines, references, label };
}

/** The window of iterations for a part of the x axis: at least two iterations. */
function windowOf(range: [number, number] | undefined, { lines, axis }: Figure): Pick<View, "from" | "to"> {
  if (!range) return { from: undefined, to: undefined };
  const ends = range.map((x) =>
    lines.map((line) => iterationAt(x, axis, line)).filter((at): at is number => at !== undefined),
  );
  const from = Math.max(Math.floor(Math.min(...(ends[0] ?? []))), 1);
  const to = Math.max(Math.ceil(Math.max(...(ends[1] ?? []))), from + 1);
  return Number.isFinite(from + to) ? { from, to } : {};
}
