// The chart in a page: hands figures to the plot, and says in words what it shows.
import { Group, Text, useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import "uplot/dist/uPlot.min.css";
import { percent } from "../units";
import { lastBefore } from "./grid";
import { colorOf, DARK, LIGHT } from "./look";
import { type Figure, type Line, Plot } from "./plot";

export function Chart({ figure }: { figure: Figure }) {
  const look = useComputedColorScheme("light") === "dark" ? DARK : LIGHT;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(null);
  const [cursor, setCursor] = useState<number>();

  useEffect(() => {
    if (!host.current) return;
    const created = new Plot(host.current, look, setCursor);
    plot.current = created;
    return () => created.destroy();
  }, [look]);

  // After a change of theme the new plot needs the figure as much as the old one did.
  // biome-ignore lint/correctness/useExhaustiveDependencies: look stands for the plot that it made
  useEffect(() => plot.current?.show(figure), [figure, look]);

  const readings = figure.lines.map((line) => ({ line, ...readingOf(line, cursor, figure.reached) }));
  return (
    <figure aria-label="Error curves" style={{ margin: 0 }}>
      <div ref={host} role="img" aria-label={inWords(readings)} style={{ width: "100%", minHeight: 250 }} />
      <Group component="figcaption" gap="lg" mt="xs" wrap="wrap">
        {readings.map(({ line, value, at }) => (
          <Group key={line.name} gap={6} wrap="nowrap">
            <Stroke color={colorOf(line, look)} weight={line.weight} />
            <Text size="sm">
              {line.name}{" "}
              <b style={{ fontVariantNumeric: "tabular-nums" }}>
                {value === undefined ? "–" : percent(value)}
              </b>
              {at !== undefined && (
                <Text span c="dimmed" size="sm">
                  {` at ${at}`}
                </Text>
              )}
            </Text>
          </Group>
        ))}
        <Text size="xs" c="dimmed" ml="auto" visibleFrom="sm">
          drag to zoom, double-click for all
        </Text>
      </Group>
    </figure>
  );
}

type Reading = { value?: number; at?: string };

/** The line's value at the cursor, or its last, and the iterations that it stands for. */
function readingOf({ points, buckets }: Line, cursor: number | undefined, reached: number): Reading {
  const upTo = cursor === undefined ? points.at.length - 1 : points.at.findLastIndex((at) => at <= cursor);
  const index = lastBefore(points.value, upTo);
  if (index === undefined) return {};
  const [value, at] = [points.value[index], points.at[index]];
  if (value == null || at === undefined) return {};
  return { value, at: buckets ? `${at}–${Math.min(at + buckets.step - 1, reached)}` : `${at}` };
}

function inWords(readings: (Reading & { line: Line })[]): string {
  const known = readings.filter(({ value }) => value !== undefined);
  if (known.length === 0) return "Error curves, no point yet";
  const parts = known.map(({ line, value, at }) => `${line.name} ${percent(value ?? 0)} at iteration ${at}`);
  return `Error curves: ${parts.join(", ")}`;
}

function Stroke({ color, weight }: { color: string; weight: Line["weight"] }) {
  return (
    <svg width="22" height="10" aria-hidden="true">
      <line x1="0" y1="5" x2="22" y2="5" stroke={color} strokeWidth={weight === "bold" ? 3 : 1.2} />
    </svg>
  );
}
