// The figures of a run's loss, speed and hardware: waiting for data, cores, memory, GPU.
import type { Run } from "../../../api/types";
import type { Figure } from "../../../chart/figure";
import { lineOf } from "../../../chart/lines";
import { windowOf } from "../../../chart/query";
import { showsRange, type View } from "../../../chart/view";
import type { RunCurves } from "../../../run/errorFigure";

const KINDS = [
  { series: "train_loss", label: "Training loss", unit: "", scale: 1 },
  { series: "images_per_s", label: "Speed", unit: "images/s", scale: 1 },
  { series: "waiting", label: "Waiting for data", unit: "% of the time", scale: 100 },
  { series: "cpu", label: "Busy cores", unit: "", scale: 1 },
  { series: "ram_bytes", label: "Memory", unit: "GB", scale: 1e-9 },
  { series: "gpu", label: "GPU in use", unit: "% of the time", scale: 100 },
  { series: "gpu_memory_bytes", label: "GPU memory", unit: "GB", scale: 1e-9 },
  { series: "gpu_power_w", label: "GPU power", unit: "W", scale: 1 },
  { series: "gpu_temperature_c", label: "GPU temperature", unit: "°C", scale: 1 },
] as const;

export const MACHINE = KINDS.map(({ series }) => series);

/** A figure for each series that has points: a run on a CPU has none for a GPU. */
export function machineFigures(run: Run, { step, series }: RunCurves, view: View): Figure[] {
  return KINDS.flatMap(({ series: name, label, unit, scale }) => {
    const curve = series[name];
    if (!curve || curve.iteration.length === 0) return [];
    const scaled = (values: typeof curve.mean) => values.map((value) => value * scale);
    const line = lineOf(
      {
        ...curve,
        mean: scaled(curve.mean),
        least: curve.least && scaled(curve.least),
        most: curve.most && scaled(curve.most),
      },
      { key: name, legend: label, name: label.toLowerCase(), hue: 0, dash: 0, weight: "thin" },
      showsRange(view, 1),
    );
    return [
      {
        label,
        quantity: label.toLowerCase(),
        unit,
        axis: view.x ?? "iteration",
        lines: [line],
        drops: [],
        moments: [],
        references: [],
        x: windowOf(view, run.iterations, [line]),
        step,
        reached: run.iteration,
      },
    ];
  });
}
