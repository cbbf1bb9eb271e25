// The paper's layout (Table 2): plain beside residual, by depth, each cell the mean over the seeds.

import type { ErrorName } from "../../address/comparison";
import type { Run } from "../../api/types";
import { networkOf } from "../../paper/network";
import { isOpen } from "../../run/progress";

export type Cell = { mean: number; deviation: number | undefined; n: number; stillTraining: number };
export type PaperLayout = {
  dataset: string;
  shortcuts: string[];
  rows: { depth: number; cells: (Cell | undefined)[] }[];
};

const ORDER = ["none", "A", "B", "C"];

/** A layout for each data set: errors on different data sets don't share a table. */
export function layoutsOf(runs: readonly Run[], error: ErrorName): PaperLayout[] {
  const datasets = [...new Set(runs.map(({ spec }) => spec.dataset))];
  return datasets.map((dataset) =>
    layoutOf(
      dataset,
      runs.filter(({ spec }) => spec.dataset === dataset),
      error,
    ),
  );
}

function layoutOf(dataset: string, runs: readonly Run[], error: ErrorName): PaperLayout {
  const shortcuts = ORDER.filter((shortcut) =>
    runs.some(({ spec }) => networkOf(spec).shortcut === shortcut),
  );
  const depths = [...new Set(runs.map(({ spec }) => networkOf(spec).depth))].sort((a, b) => a - b);
  return {
    dataset,
    shortcuts,
    rows: depths.map((depth) => ({
      depth,
      cells: shortcuts.map((shortcut) =>
        cellOf(
          runs.filter(({ spec }) => {
            const network = networkOf(spec);
            return network.depth === depth && network.shortcut === shortcut;
          }),
          error,
        ),
      ),
    })),
  };
}

/** The mean over the runs that have this error; undefined where none has. */
function cellOf(runs: readonly Run[], error: ErrorName): Cell | undefined {
  const measured = runs.flatMap((run) => {
    const value = errorOf(run, error);
    return value === null ? [] : [{ run, value }];
  });
  const n = measured.length;
  if (n === 0) return undefined;
  const mean = measured.reduce((sum, { value }) => sum + value, 0) / n;
  const squares = measured.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : undefined,
    n,
    stillTraining: measured.filter(({ run }) => isOpen(run)).length,
  };
}

export function errorOf({ train_error, last, best }: Run, error: ErrorName): number | null {
  const all: Record<ErrorName, number | null> = {
    train_error,
    val_error: last.val_error,
    best_val_error: best.val_error,
    test_error: last.test_error,
    best_test_error: best.test_error,
  };
  return all[error];
}

/** A cell as the paper writes it, with its number of runs: "1.23±0.16 (n = 5)". */
export const cellText = ({ mean, deviation, n }: Cell): string =>
  deviation === undefined ? mean.toFixed(2) : `${mean.toFixed(2)}±${deviation.toFixed(2)} (n = ${n})`;

export const columnTitle = (shortcut: string): string =>
  shortcut === "none" ? "plain" : `ResNet ${shortcut}`;
