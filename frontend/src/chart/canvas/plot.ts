// The one file that draws on the screen: a figure, as the view describes it, with uPlot.
import uPlot from "uplot";
import { throttle } from "../../throttle";
import type { Cursor } from "../cursor";
import { type Figure, type Line, quantityOf } from "../figure";
import { colorOf, dashOf, type Look } from "../look";
import { type ChartView, labelOf, tick } from "../view";
import { drawBehind } from "./background";
import { merge } from "./grid";
import { drawMarks } from "./marks";
import { isLogX, isLogY, rangeOf } from "./range";

// Live values come faster than an eye can follow, and a redraw costs a frame: at most four a second, also where one of
// them is late.
const REDRAW_MS = 300;
const FONT = "12px Geist, system-ui, sans-serif";
const CLICK_PX = 4;

type Drawing = { figure: Figure; view: ChartView };
type Surroundings = {
  look: Look;
  cursor: Cursor;
  /** Gets the part of the x axis that was dragged over; undefined for the whole axis. */
  onZoom: (range: [number, number] | undefined) => void;
};

/** A figure on the page, redrawn at most four times a second and never in a hidden tab. */
export class Plot {
  private plot: uPlot | undefined;
  private styles = "";
  private height: [number, number] = [0, 1];
  private drawing: Drawing | undefined;
  private readonly resizes: ResizeObserver;
  private readonly redraws = throttle(() => this.draw(), REDRAW_MS);
  private readonly unlisten: () => void;

  constructor(
    private readonly host: HTMLElement,
    private readonly around: Surroundings,
  ) {
    this.resizes = new ResizeObserver(() => this.plot?.setSize(sizeOf(host)));
    this.resizes.observe(host);
    document.addEventListener("visibilitychange", this.redraws.call);
    this.unlisten = around.cursor.listen(() => this.follow());
  }

  /** A change of the view is drawn at once; new points wait for the next redraw. */
  show(drawing: Drawing): void {
    const isNewView = JSON.stringify(drawing.view) !== JSON.stringify(this.drawing?.view);
    this.drawing = drawing;
    if (isNewView) this.draw();
    else this.redraws.call();
  }

  /** The canvas as it is on the screen, on a background. */
  async png(): Promise<Blob | null> {
    const canvas = this.plot?.ctx.canvas;
    if (!canvas) return null;
    const copy = Object.assign(document.createElement("canvas"), {
      width: canvas.width,
      height: canvas.height,
    });
    const context = copy.getContext("2d");
    if (!context) return null;
    context.fillStyle = this.around.look.back;
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(canvas, 0, 0);
    return new Promise((resolve) => copy.toBlob(resolve, "image/png"));
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
    const { figure, view } = this.drawing;
    const styles = JSON.stringify([view, figure.unit, figure.lines.map(styleOf)]);
    // uPlot only reads the data, though its type doesn't say so.
    const data = merge(figure.lines.map(({ points }) => points)) as uPlot.AlignedData;
    this.height = rangeOf(figure, view);
    if (this.plot && styles === this.styles) {
      this.plot.setData(data);
      return;
    }
    this.styles = styles;
    this.plot?.destroy();
    this.plot = new uPlot(this.options(this.drawing), data, this.host);
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

  private options({ figure, view }: Drawing): uPlot.Options {
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
      ...sizeOf(this.host),
      legend: { show: false },
      cursor: {
        y: false,
        points: { size: 7 },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => this.zoom(undefined) },
      },
      scales: {
        x: { time: false, distr: isLogX(view) ? 3 : 1, range: () => this.width() },
        y: { distr: isLogY(view) ? 3 : 1, range: () => this.height },
      },
      axes: [
        {
          ...axis,
          label: labelOf(view),
          size: 30,
          values: (_plot, ticks) => ticks.map((value) => (value == null ? "" : tick(value, view))),
        },
        { ...axis, label: quantityOf(figure), size: 44 },
      ],
      series: [{}, ...figure.lines.map((line) => seriesOf(line, look))],
      hooks: {
        drawAxes: [(plot) => this.drawing && drawBehind(plot, this.drawing.figure, look)],
        setSelect: [(plot) => this.select(plot)],
        draw: [(plot) => this.drawing && drawMarks(plot, this.drawing.figure, look)],
        setCursor: [(plot) => this.around.cursor.move(cursorOf(plot))],
      },
    };
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

const styleOf = ({ name, hue, dash, weight }: Line) => [name, hue, dash, weight];

const WIDTHS = { bold: 2.75, thin: 1, faint: 0.75 };

function seriesOf(line: Line, look: Look): uPlot.Series {
  const { name, weight } = line;
  const color = colorOf(line, look);
  // A bold line shows its points, because a single evaluation would make no line.
  const isDotted = weight === "bold" && line.points.at.length < 100;
  return {
    label: name,
    stroke: weight === "faint" ? `${color}66` : color,
    width: WIDTHS[weight],
    dash: dashOf(line),
    spanGaps: true,
    points: { show: isDotted, size: 5, fill: color },
  };
}

function sizeOf(host: HTMLElement): { width: number; height: number } {
  const width = Math.max(host.clientWidth, 240);
  return { width, height: Math.round(Math.min(Math.max(width * 0.5, 250), 440)) };
}
