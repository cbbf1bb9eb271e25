// The one file that draws on the screen: a figure, as the view describes it, with uPlot.
import uPlot from "uplot";
import { throttle } from "../../throttle";
import type { Cursor } from "../cursor";
import { type Figure, type Line, quantityOf } from "../figure";
import { colorOf, dashOf, type Look } from "../look";
import { DURATION_STEPS } from "../ticks";
import { type ChartView, isDuration, labelOf, tick } from "../view";
import { drawBehind } from "./background";
import { merge } from "./grid";
import { drawMarks, type Margins } from "./marks";
import { isLogX, isLogY } from "./range";

// Live values come faster than an eye can follow, and a redraw costs a frame: at most four a second, also where one of
// them is late.
const REDRAW_MS = 300;
const FONT = "12px Geist, system-ui, sans-serif";
const CLICK_PX = 4;
// Above a plot, for half the height of the y axis's highest number.
const PADDING = 8;
// Steps of an axis of percents: never 2.5.
const PERCENTS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];

/** `height` is the shown part of the y axis; it and the margins are those of all panels. */
type Drawing = { figure: Figure; view: ChartView; height: readonly [number, number]; margins: Margins };
/** The pointer on a plot: pixels from its top left corner, its width, and its value on the y axis. */
export type Point = { left: number; top: number; width: number; y: number };
type Surroundings = {
  look: Look;
  cursor: Cursor;
  /** Gets the part of the x axis that was dragged over; undefined for the whole axis. */
  onZoom: (range: [number, number] | undefined) => void;
  /** Hears where the pointer is; undefined where it has left. */
  onPoint: (point: Point | undefined) => void;
};

/** A figure on the page, redrawn at most four times a second and never in a hidden tab. */
export class Plot {
  private plot: uPlot | undefined;
  private styles = "";
  private lifted: string | undefined;
  private drawing: Drawing | undefined;
  private readonly resizes: ResizeObserver;
  private readonly redraws = throttle(() => this.draw(), REDRAW_MS);
  private readonly unlisten: () => void;

  constructor(
    private readonly host: HTMLElement,
    private readonly around: Surroundings,
  ) {
    this.resizes = new ResizeObserver(() => this.resize());
    this.resizes.observe(host);
    document.addEventListener("visibilitychange", this.redraws.call);
    this.unlisten = around.cursor.listen(() => this.follow());
  }

  /** The observer also reports the first size, which is drawn already. */
  private resize(): void {
    const { width, height } = sizeOf(this.host, this.panels);
    if (this.plot && (this.plot.width !== width || this.plot.height !== height))
      this.plot.setSize({ width, height });
  }

  /** A change of the view is drawn at once; new points wait for the next redraw. */
  show(drawing: Drawing): void {
    const isNewView = JSON.stringify(drawing.view) !== JSON.stringify(this.drawing?.view);
    this.drawing = drawing;
    if (isNewView) this.draw();
    else this.redraws.call();
  }

  /** Draws the other curves faintly, until it is called without a key. */
  lift(key: string | undefined): void {
    if (key === this.lifted) return;
    this.lifted = key;
    this.dim();
    this.plot?.redraw(false);
  }

  get canvas(): HTMLCanvasElement | undefined {
    return this.plot?.ctx.canvas;
  }

  destroy(): void {
    this.redraws.stop();
    this.unlisten();
    this.resizes.disconnect();
    document.removeEventListener("visibilitychange", this.redraws.call);
    this.plot?.destroy();
  }

  private draw(): void {
    if (document.hidden || !this.drawing) return; // drawn when the tab is visible again
    const { figure, view, margins } = this.drawing;
    const panels = figure.panels?.length;
    const styles = JSON.stringify([view, margins, figure.unit, panels, figure.lines.map(styleOf)]);
    // uPlot only reads the data, though its type doesn't say so.
    const data = merge(figure.lines.map(({ points }) => points)) as uPlot.AlignedData;
    if (this.plot && styles === this.styles) {
      this.plot.setData(data);
      return;
    }
    this.styles = styles;
    this.plot?.destroy();
    this.plot = new uPlot(this.options(this.drawing), data, this.host);
    this.dim();
    this.hearClicks(this.plot);
    this.follow();
  }

  /** Moves this plot's cursor to the page's cursor. */
  private follow(): void {
    if (!this.plot) return;
    const { x } = this.around.cursor.now();
    const left = x === undefined ? -10 : this.plot.valToPos(x, "x");
    this.plot.setCursor({ left, top: x === undefined ? -10 : 0 }, false);
  }

  private options({ figure, view, margins }: Drawing): uPlot.Options {
    const { look } = this.around;
    const axis = {
      stroke: look.text,
      font: FONT,
      labelFont: FONT,
      labelSize: 20,
      grid: { stroke: look.grid, width: 1 },
      ticks: { show: false },
    };
    return {
      ...sizeOf(this.host, this.panels),
      // uPlot's own padding where a margin is empty.
      padding: [margins.top + PADDING, margins.right || null, null, null],
      legend: { show: false },
      cursor: {
        y: false,
        points: { size: 7 },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => this.zoom(undefined) },
      },
      scales: {
        x: { time: view.x === "wall_time", distr: isLogX(view) ? 3 : 1, range: () => this.width() },
        y: { distr: isLogY(view) ? 3 : 1, range: () => [...this.height] as [number, number] },
      },
      axes: [
        {
          ...axis,
          label: labelOf(view, figure.x[1]),
          size: 30,
          ...(isDuration(view.x) && { incrs: DURATION_STEPS, space: 70 }),
          ...(view.x !== "wall_time" && {
            values: (_plot: uPlot, ticks: (number | null)[]) =>
              ticks.map((value) => (value == null ? "" : tick(value, view, this.last))),
          }),
        },
        { ...axis, label: quantityOf(figure), size: 44, ...(figure.unit === "%" && { incrs: PERCENTS }) },
      ],
      series: [{}, ...figure.lines.map((line) => seriesOf(line, look))],
      hooks: {
        drawAxes: [(plot) => this.drawing && drawBehind(plot, this.drawing.figure, look)],
        setSelect: [(plot) => this.select(plot)],
        draw: [(plot) => this.drawing && drawMarks(plot, this.drawing.figure, look)],
        setCursor: [(plot) => this.hear(plot)],
      },
    };
  }

  private get panels(): number {
    return this.drawing?.figure.panels?.length ?? 1;
  }

  private get height(): readonly [number, number] {
    return this.drawing?.height ?? [0, 1];
  }

  private get last(): number {
    return this.drawing?.figure.x[1] ?? 1;
  }

  private hear(plot: uPlot): void {
    const { left = -1, top = -1 } = plot.cursor;
    const x = cursorOf(plot);
    this.around.cursor.move(x);
    if (x === undefined && this.around.cursor.now().isPinned) return;
    const offset = plot.over.offsetLeft;
    const point = { left: offset + left, top, width: this.host.clientWidth, y: plot.posToVal(top, "y") };
    this.around.onPoint(x === undefined ? undefined : point);
  }

  /** Without a redraw. */
  private dim(): void {
    for (const [nth, line] of (this.drawing?.figure.lines ?? []).entries()) {
      const series = this.plot?.series[nth + 1];
      if (series) series.alpha = this.lifted === undefined || line.key === this.lifted ? 1 : DIMMED;
    }
  }

  private width(): [number, number] {
    const [low, high] = this.drawing?.figure.x ?? [0, 1];
    return this.drawing && isLogX(this.drawing.view) ? [Math.max(low, 1), Math.max(high, 2)] : [low, high];
  }

  private select(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < CLICK_PX) return;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.zoom([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
  }

  /** A click pins the cursor; the end of a drag doesn't count as a click. */
  private hearClicks(plot: uPlot): void {
    let from = 0;
    plot.over.addEventListener("mousedown", ({ clientX }) => {
      from = clientX;
    });
    plot.over.addEventListener("click", ({ clientX }) => {
      if (Math.abs(clientX - from) < CLICK_PX) this.around.cursor.pin(cursorOf(plot));
    });
  }

  private zoom(range: [number, number] | undefined): null {
    this.around.cursor.release();
    this.around.onZoom(range);
    return null;
  }
}

const cursorOf = (plot: uPlot): number | undefined =>
  plot.cursor.idx == null || (plot.cursor.left ?? -1) < 0 ? undefined : plot.data[0][plot.cursor.idx];

const styleOf = ({ key, name, hue, dash, weight }: Line) => [key, name, hue, dash, weight];

// Evaluations so few that their line alone would hide where they are.
const DOTTED = 20;
const DIMMED = 0.15;
const WIDTHS = { bold: 2.75, thin: 1, faint: 0.75 };

function seriesOf(line: Line, look: Look): uPlot.Series {
  const { name, weight } = line;
  const color = colorOf(line, look);
  // A bold line shows its points, because a single evaluation would make no line.
  const isDotted = weight === "bold" && line.points.at.length < DOTTED;
  return {
    label: name,
    stroke: weight === "faint" ? `${color}66` : color,
    width: WIDTHS[weight],
    dash: dashOf(line),
    spanGaps: true,
    points: { show: isDotted, size: 5, fill: color },
  };
}

/** Beside each other, panels are nearly square, as printed; alone, a chart is twice as wide as high. */
function sizeOf(host: HTMLElement, panels: number): { width: number; height: number } {
  const width = Math.max(host.clientWidth, 240);
  const height = width * (panels > 1 ? 0.72 : 0.5);
  return { width, height: Math.round(Math.min(Math.max(height, 240), 440)) };
}
