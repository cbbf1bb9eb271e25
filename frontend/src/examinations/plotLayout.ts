// The layout of a plot of values by layer, in pixels.
import { round } from "../chart/ticks";

type Box = { width: number; height: number };
const [LEFT, TOP, RIGHT, BELOW] = [38, 8, 8, 22];
// The width that a layer's number needs, in pixels.
const APART = 44;

/** The axes that all lines of a plot share: `layers` of the deepest network and `most`, the largest value. */
export type Axes = { layers: number; most: number };

/** Layers are counted from 1, as the paper's Fig. 7 does. */
export function plotted({ layers, most }: Axes, { width, height }: Box) {
  const bottom = height - BELOW;
  const top = most > 0 ? most * 1.05 : 1;
  const x = (layer: number) => LEFT + ((layer - 1) / Math.max(layers - 1, 1)) * (width - LEFT - RIGHT);
  const y = (value: number) => bottom - (value / top) * (bottom - TOP);
  const crowded = (layers * APART) / Math.max(width, 1);
  const step = crowded <= 1 ? 1 : Math.ceil(crowded / 5) * 5;
  const numbered = Array.from({ length: layers }, (_, index) => index + 1);
  return {
    left: LEFT,
    bottom,
    points: (values: readonly number[]) =>
      values.map((value, index) => `${x(index + 1).toFixed(1)},${y(value).toFixed(1)}`),
    ticks: round(0, top).map((value) => ({ y: y(value), text: String(Number(value.toPrecision(6))) })),
    numbers: numbered
      .filter((layer) => layer === 1 || layer % step === 0)
      .map((layer) => ({ x: x(layer), text: String(layer) })),
  };
}
