// A chart on a page: draws a figure, handles keys, and shows its values as text and as a table.
import { Badge, Group, Text } from "@mantine/core";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import "uplot/dist/uPlot.min.css";
import { formatCount, pluralize } from "../units";
import type { OnView } from "./Controls";
import { Plot } from "./canvas/plot";
import type { Cursor } from "./cursor";
import { Exports } from "./exports/Exports";
import { type Figure, pointsBehind } from "./figure";
import { press } from "./keys";
import { iterationAt } from "./lines";
import { PointsTable } from "./readout/PointsTable";
import { Readout } from "./readout/Readout";
import { readingOf, referencesAt, spokenReadings } from "./readout/readings";
import { useLook } from "./useLook";
import type { ChartView, View } from "./view";

type Props = { figure: Figure; view: ChartView; onView: OnView; cursor: Cursor };

export function Chart({ figure, view, onView, cursor }: Props) {
  const look = useLook();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(null);
  const zoom = useRef<(range: [number, number] | undefined) => void>(() => {});
  const png = useCallback(() => plot.current?.png(), []);
  const [announcement, announce] = useState("");
  const position = useSyncExternalStore(cursor.listen, cursor.now);
  zoom.current = (range) => onView(windowOf(range, figure));

  useEffect(() => {
    if (!host.current) return;
    const created = new Plot(host.current, { look, cursor, onZoom: (range) => zoom.current(range) });
    plot.current = created;
    return () => created.destroy();
  }, [look, cursor]);

  // Also after a change of theme, because that makes a new plot.
  // biome-ignore lint/correctness/useExhaustiveDependencies: look and cursor make a new plot
  useEffect(() => plot.current?.show({ figure, view }), [figure, view, look, cursor]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!press(event, figure, cursor, zoom.current)) return;
    event.preventDefault();
    const { x } = cursor.now();
    announce(
      spokenReadings(
        figure,
        figure.lines.map((line) => readingOf(line, figure, x)),
      ),
    );
  };
  const readings = figure.lines.map((line) => readingOf(line, figure, position.x));
  const points = pointsBehind(figure);
  return (
    <figure aria-label={figure.label} style={{ margin: 0 }}>
      <div
        ref={host}
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move its cursor
        tabIndex={0}
        aria-label={spokenReadings(figure, readings)}
        aria-description="Arrow keys move the cursor, Enter pins it, plus and minus zoom, 0 shows everything."
        onKeyDown={onKeyDown}
        style={{ width: "100%", minHeight: 250 }}
      />
      <span role="status" className="visually-hidden">
        {announcement}
      </span>
      <figcaption>
        <Group justify="space-between" gap="xs">
          <Badge variant="default" tt="none" fw={400}>
            {pluralize(points, "point")}
            {figure.step > 1 && `, ${figure.step} iterations per bucket`}
          </Badge>
          <Text size="xs" c="dimmed" {...(points > 0 && { visibleFrom: "sm" })}>
            {points > 0
              ? "Drag to zoom, double-click to show all, click to pin the cursor, arrow keys to move it"
              : "No points yet. Curves appear as the run trains."}
          </Text>
          <Exports figure={figure} view={view} png={png} />
        </Group>
        <Readout
          {...{ figure, readings, look }}
          references={referencesAt(figure, position.x)}
          where={whereOf(figure, position)}
        />
        <PointsTable figure={figure} />
      </figcaption>
    </figure>
  );
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

/** "Pinned at iteration 512 · epoch 1.46 · lr 0.1" */
function whereOf({ rates, lines, axis }: Figure, { x, isPinned }: ReturnType<Cursor["now"]>): string {
  if (x === undefined) return "Last values";
  const longest = lines.toSorted((a, b) => b.points.at.length - a.points.at.length)[0];
  const iteration = Math.round(iterationAt(x, axis, longest) ?? 0);
  const index = rates ? rates.at.findLastIndex((at: number) => at <= iteration) : -1;
  const lr = rates?.lr[index];
  return [
    `${isPinned ? "Pinned at" : "At"} iteration ${formatCount(iteration)}`,
    ...(rates?.epoch ? [`epoch ${(iteration * rates.epoch).toFixed(2)}`] : []),
    ...(lr == null ? [] : [`lr ${Number(lr.toPrecision(3))}`]),
  ].join(" · ");
}
