// The address of a figure for print: the service draws what is on the screen, with the same colours, names and panels.
import { label } from "../drops";
import { type Figure, isIn, type Line } from "../figure";
import { type ChartView, showsRange } from "../view";

// The service draws no more: a link with all checkpoints of a long run would be too long.
const MOST_MARKS = 200;

export type PrintFormat = "svg" | "pdf" | "png";

/** `height` is the shown part of the error axis, in percent. Undefined where the curves are no runs'. */
export function printUrl(
  format: PrintFormat,
  figure: Figure,
  view: ChartView,
  height: readonly [number, number],
): string | undefined {
  if (!figure.runs || figure.unit !== "%") return undefined;
  const lines = new Map(figure.lines.map((line) => [line.key, line]));
  const bold = new Map(
    figure.lines.filter(({ weight }) => weight === "bold").map((line) => [line.key, line]),
  );
  const shown = figure.runs.flatMap(({ id, key }) => {
    const line = bold.get(key) ?? lines.get(key);
    return line ? [{ id, line }] : [];
  });
  if (shown.length === 0) return undefined;
  const has = (weight: Line["weight"]) => figure.lines.some((line) => line.weight === weight);
  const { panels = [""] } = figure;
  const each = shown.flatMap(({ id, line }) => [
    ["run", id],
    ["look", `${line.hue % 8}.${line.dash % 4}`],
    ["panel", panels[line.panel ?? 0] ?? ""],
    ["name", line.legend],
  ]);
  const options = Object.entries({
    preset: view.preset ?? "free",
    seeds: figure.isMean ? "mean" : undefined,
    x: view.x,
    from: view.from,
    to: view.to,
    smoothing: view.smooth,
    low: rounded(height[0]),
    high: rounded(height[1]),
    log: view.log,
    range: showsRange(view, figure.runs.length) || undefined,
    training: has("thin") ? undefined : false,
    evaluation: has("bold") ? undefined : false,
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const levels = figure.references.flatMap((reference) =>
    panels.flatMap((_, panel) =>
      isIn(reference, figure, panel)
        ? [["level", `${reference.value.toFixed(2)}@${panel}:${reference.name}`]]
        : [],
    ),
  );
  const marks = [
    ...figure.drops.map((drop) => ["drop", `${rounded(drop.x)}:${label(drop)}`]),
    ...figure.moments.slice(0, MOST_MARKS).map(({ x, text }) => ["mark", `${rounded(x)}:${text}`]),
  ];
  return `/api/v1/figure.${format}?${new URLSearchParams([...each, ...options, ...levels, ...marks])}`;
}

const rounded = (value: number): number => Number(value.toFixed(2));
