// Where the parts of a plot of values by layer are, in pixels.
import { round } from "../chart/ticks";

type Box = { width: number; height: number };
const [LEFT, TOP, RIGHT, BELOW] = [38, 8, 8, 22];
// A number of a layer needs so many pixels.
const APART = 44;

/** Layers are counted from 1, as the paper's Fig. 7 does. `most` is the largest value of all plots that share an axis. */
export function plotted(values: readonly number[], most: number, { width, height }: Box) {
  const bottom = height - BELOW;
  const top = most > 0 ? most * 1.05 : 1;
  const x = (layer: number) => LEFT + ((layer - 1) / Math.max(values.length - 1, 1)) * (width - LEFT - RIGHT);
  const y = (value: number) => bottom - (value / top) * (bottom - TOP);
  const crowded = (values.length * APART) / Math.max(width, 1);
  const step = crowded <= 1 ? 1 : Math.ceil(crowded / 5) * 5;
  const numbered = values.map((_, index) => index + 1).filter((layer) => layer === 1 || layer % step === 0);
  return {
    left: LEFT,
    bottom,
    points: values.map((value, index) => `${x(index + 1).toFixed(1)},${y(value).toFixed(1)}`),
    ticks: round(0, top).map((value) => ({ y: y(value), text: String(Number(value.toPrecision(6))) })),
    numbers: numbered.map((layer) => ({ x: x(layer), text: String(layer) })),
  };
}
