// The one file that draws: error curves as the paper's Fig. 4, on uPlot.
import uPlot from "uplot";
import { paced } from "../pace";
import { type Drop, label } from "./drops";
import { type Grid, merge, type Points } from "./grid";
import { colorOf, type Look } from "./look";

/** A curve in percent. `hue` counts runs. A bucket is a point that stands for `step` iterations, with their extremes. */
export type Line = {
  name: string;
  hue: number;
  weight: "thin" | "bold";
  points: Points;
  buckets?: { step: number; low: Points["value"]; high: Points["value"] };
};

/** `iterations` are planned, `reached` are done. */
export type Figure = { lines: readonly Line[]; drops: readonly Drop[]; iterations: number; reached: number };

// Live values come faster than an eye can use them; a redraw costs a frame.
const REDRAW_MS = 250;
const FONT = "12px system-ui, sans-serif";

/** A figure on the page, redrawn at most four times a second and never in a hidden tab. */
export class Plot {
  private plot: uPlot | undefined;
  private zoom: [number, number] | undefined;
  private styles = "";
  private figure: Figure = { lines: [], drops: [], iterations: 1, reached: 0 };
  private readonly resizes: ResizeObserver;
  private readonly redraws = paced(() => this.draw(), REDRAW_MS);

  /** `onCursor` gets the iteration under the pointer, or undefined when it left. */
  constructor(
    private readonly host: HTMLElement,
    private readonly look: Look,
    private readonly onCursor: (iteration: number | undefined) => void,
  ) {
    this.resizes = new ResizeObserver(() => this.plot?.setSize(sizeOf(host)));
    this.resizes.observe(host);
    document.addEventListener("visibilitychange", this.redraws.call);
  }

  show(figure: Figure): void {
    this.figure = figure;
    this.redraws.call();
  }

  destroy(): void {
    this.redraws.stop();
    this.resizes.disconnect();
    document.removeEventListener("visibilitychange", this.redraws.call);
    this.plot?.destroy();
  }

  private draw(): void {
    if (document.hidden) return; // drawn when the tab is looked at again
    const { lines } = this.figure;
    const styles = JSON.stringify(
      lines.map(({ name, hue, weight, buckets }) => [name, hue, weight, !buckets]),
    );
    const data = columns(lines);
    if (this.plot && styles === this.styles) {
      this.plot.setData(data);
      return;
    }
    this.styles = styles;
    this.plot?.destroy();
    this.plot = new uPlot(this.options(lines), data, this.host);
  }

  private options(lines: readonly Line[]): uPlot.Options {
    const axis = {
      stroke: this.look.text,
      font: FONT,
      grid: { stroke: this.look.grid, width: 1 },
      ticks: { show: false },
    };
    return {
      ...sizeOf(this.host),
      legend: { show: false },
      cursor: {
        y: false,
        points: { size: 7 },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => this.zoomTo(undefined) },
      },
      scales: {
        // All of the run's iterations, those to come included; a part of them after a drag.
        x: { time: false, range: () => this.zoom ?? [0, this.figure.iterations] },
        y: { range: (_plot, _min, max) => [0, Math.min(100, Math.max((max || 100) * 1.04, 1))] },
      },
      axes: [
        {
          ...axis,
          label: "iterations",
          labelFont: FONT,
          labelSize: 20,
          size: 30,
          values: (_plot, ticks) => ticks.map(thousands),
        },
        { ...axis, label: "error (%)", labelFont: FONT, labelSize: 20, size: 38 },
      ],
      series: [{}, ...lines.flatMap((line) => seriesOf(line, colorOf(line, this.look)))],
      bands: bandsOf(lines, this.look),
      hooks: {
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < 4) return;
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            this.zoomTo([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
          },
        ],
        draw: [(plot) => drawDrops(plot, this.figure.drops, this.look)],
        setCursor: [
          (plot) => this.onCursor(plot.cursor.idx == null ? undefined : plot.data[0][plot.cursor.idx]),
        ],
      },
    };
  }

  private zoomTo(range: [number, number] | undefined): null {
    this.zoom = range;
    if (this.plot) this.plot.setData(this.plot.data);
    return null;
  }
}

function columns(lines: readonly Line[]): uPlot.AlignedData {
  const grid: Grid = merge(
    lines.flatMap(({ points, buckets }) => [
      points,
      ...(buckets ? [buckets.low, buckets.high].map((value) => ({ at: points.at, value })) : []),
    ]),
  );
  return grid;
}

function seriesOf({ name, weight, buckets }: Line, color: string): uPlot.Series[] {
  const line = { label: name, stroke: color, width: weight === "bold" ? 2.75 : 1, spanGaps: true };
  // An evaluation may be the only one yet: a bold line shows its points, a line alone would not.
  const own = { ...line, points: { show: weight === "bold", size: 5, fill: color } };
  const edge = { stroke: "transparent", width: 0, points: { show: false }, spanGaps: true };
  return buckets ? [own, edge, edge] : [own];
}

function bandsOf(lines: readonly Line[], look: Look): uPlot.Band[] {
  const bands: uPlot.Band[] = [];
  let column = 1;
  for (const line of lines) {
    if (line.buckets) bands.push({ series: [column + 2, column + 1], fill: `${colorOf(line, look)}26` });
    column += line.buckets ? 3 : 1;
  }
  return bands;
}

function drawDrops(plot: uPlot, drops: readonly Drop[], look: Look): void {
  const { ctx, bbox } = plot;
  const pixel = uPlot.pxRatio;
  ctx.save();
  ctx.strokeStyle = look.text;
  ctx.fillStyle = look.text;
  ctx.lineWidth = pixel;
  ctx.setLineDash([5 * pixel, 4 * pixel]);
  ctx.font = `${12 * pixel}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  for (const drop of drops) {
    const x = plot.valToPos(drop.iteration, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const fits = x + ctx.measureText(label(drop)).width + 8 * pixel < bbox.left + bbox.width;
    ctx.textAlign = fits ? "left" : "right";
    ctx.fillText(label(drop), x + (fits ? 5 : -5) * pixel, bbox.top + 4 * pixel);
  }
  ctx.restore();
}

function sizeOf(host: HTMLElement): { width: number; height: number } {
  const width = Math.max(host.clientWidth, 240);
  return { width, height: Math.round(Math.min(Math.max(width * 0.5, 250), 440)) };
}

const thousands = (iteration: number): string =>
  iteration >= 1000 && iteration % 100 === 0 ? `${iteration / 1000}k` : String(iteration);
