// The paper's layout (Table 2): plain beside residual, by depth, each cell the mean over the seeds.

import type { ErrorName } from "../../address/comparison";
import type { Run } from "../../api/types";
import { networkOf } from "../../paper/network";
import { forbidsComparison } from "../../paper/severity";
import { isOpen } from "../../run/progress";
import { differingFields, fieldTitle, type SpecField, specText } from "../../run/spec";
import { pluralize } from "../../units";

/** `n` of the `runs` of a network count. `differing` are fields other than the seed in which they differ. */
export type Cell = {
  mean: number;
  deviation: number | undefined;
  n: number;
  runs: number;
  seeds: number;
  stillTraining: number;
  differing: string[];
};
export type PaperLayout = {
  dataset: string;
  /** What tells this table from the others on the same data; empty if there is only one. */
  setting: string;
  shortcuts: string[];
  rows: { depth: number; cells: (Cell | undefined)[] }[];
  /** What the numbers must be read with, a sentence each. */
  notes: string[];
};

const ORDER = ["none", "A", "B", "C"];
// Fields that change no expected result, and those that a table's rows and columns vary.
const NEUTRAL: readonly SpecField[] = [
  "seed",
  "evaluate_every",
  "checkpoint_every",
  "log_every",
  "deterministic",
  "recompute_activations",
];
const VARIED: readonly SpecField[] = [...NEUTRAL, "depth", "shortcut", "warmup"];

/** A layout for each data set and each way of training: errors of two lengths or rates don't share a table. */
export function layoutsOf(runs: readonly Run[], error: ErrorName): PaperLayout[] {
  const settings = new Map<string, Run[]>();
  for (const run of runs) settings.set(settingOf(run), [...(settings.get(settingOf(run)) ?? []), run]);
  return [...settings.values()].map((own) => {
    const dataset = own[0]?.spec.dataset ?? "";
    return layoutOf(
      own,
      runs.filter(({ spec }) => spec.dataset === dataset),
      error,
    );
  });
}

/** Equal for runs that a table may hold: those that differ in network, seed and what changes no result. */
const settingOf = ({ spec, origin, parent_iteration }: Run): string =>
  JSON.stringify([
    Object.entries(spec)
      .filter(([field]) => !VARIED.some((name) => name === field))
      .sort(),
    origin?.unknown ?? null,
    parent_iteration ?? null,
  ]);

/** `onData` are all compared runs on this data set. */
function layoutOf(own: readonly Run[], onData: readonly Run[], error: ErrorName): PaperLayout {
  const shortcuts = ORDER.filter((shortcut) => own.some(({ spec }) => networkOf(spec).shortcut === shortcut));
  const depths = [...new Set(own.map(({ spec }) => networkOf(spec).depth))].sort((a, b) => a - b);
  const rows = depths.map((depth) => ({
    depth,
    cells: shortcuts.map((shortcut) =>
      cellOf(
        own.filter(({ spec }) => {
          const network = networkOf(spec);
          return network.depth === depth && network.shortcut === shortcut;
        }),
        error,
      ),
    ),
  }));
  return {
    dataset: own[0]?.spec.dataset ?? "",
    setting: settingText(own, onData),
    shortcuts,
    rows,
    notes: notesOf(own, rows),
  };
}

/** What these runs have and others on the same data don't: "iterations 400, imported". */
function settingText([first]: readonly Run[], onData: readonly Run[]): string {
  if (!first) return "";
  const fields = differingFields(onData).filter((field) => !VARIED.includes(field));
  const parts = fields.map((field) => `${fieldTitle(field)} ${specText(first, field)}`);
  if (first.origin && onData.some(({ origin }) => !origin)) parts.push("imported");
  if (first.parent_iteration && onData.some((run) => run.parent_iteration !== first.parent_iteration))
    parts.push(`started from a checkpoint at iteration ${first.parent_iteration}`);
  return parts.join(", ");
}

function notesOf(own: readonly Run[], rows: PaperLayout["rows"]): string[] {
  const cells = rows.flatMap((row) => row.cells.flatMap((cell) => cell ?? []));
  const imported = own.filter(({ origin }) => origin).length;
  const lost = own.filter(({ status }) => status === "failed" || status === "cancelled").length;
  const departures = new Set(
    own.flatMap(({ departures }) =>
      (departures ?? [])
        .filter(forbidsComparison)
        .map(({ field, message }) => `${fieldTitle(field)}: ${message}`),
    ),
  );
  return [
    ...(cells.some(({ stillTraining }) => stillTraining > 0)
      ? ["* Some of these runs have not ended yet."]
      : []),
    ...(lost > 0
      ? [`${pluralize(lost, "run")} failed or ${lost === 1 ? "was" : "were"} cancelled, without a result.`]
      : []),
    ...(imported > 0
      ? [
          `${pluralize(imported, "run")} ${imported === 1 ? "was" : "were"} imported: the protocol is declared, not checked.`,
        ]
      : []),
    ...(departures.size > 0 ? [`Departures from the paper: ${[...departures].join(" ")}`] : []),
  ];
}

/** The mean over the runs that have this error; undefined where none has. A run that failed has no result. */
function cellOf(runs: readonly Run[], error: ErrorName): Cell | undefined {
  const measured = runs.flatMap((run) => {
    const value = run.status === "failed" || run.status === "cancelled" ? null : errorOf(run, error);
    return value === null ? [] : [{ run, value }];
  });
  const n = measured.length;
  if (n === 0) return undefined;
  const mean = measured.reduce((sum, { value }) => sum + value, 0) / n;
  const squares = measured.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
  const counted = measured.map(({ run }) => run);
  return {
    mean,
    deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : undefined,
    n,
    runs: runs.length,
    seeds: new Set(counted.map((run) => (run.origin?.unknown.includes("seed") ? run.id : run.spec.seed)))
      .size,
    stillTraining: counted.filter(isOpen).length,
    differing: differingFields(counted)
      .filter((field) => !NEUTRAL.includes(field))
      .map(fieldTitle),
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

/** A cell as the paper writes it, with how many of its runs count: "1.23±0.10 (n = 5)", "4.56 (n = 1 of 3)". */
export function cellText({ mean, deviation, n, runs, seeds, stillTraining, differing }: Cell): string {
  const number = deviation === undefined ? mean.toFixed(2) : `${mean.toFixed(2)}±${deviation.toFixed(2)}`;
  const read = [
    runs > n ? `n = ${n} of ${runs}` : n > 1 ? `n = ${n}` : "",
    seeds < n ? pluralize(seeds, "seed") : "",
    differing.length > 0 ? `differ in ${differing.join(", ")}` : "",
  ].filter(Boolean);
  return `${number}${read.length > 0 ? ` (${read.join(", ")})` : ""}${stillTraining > 0 ? " *" : ""}`;
}

export const columnTitle = (shortcut: string): string =>
  shortcut === "none" ? "plain" : `ResNet ${shortcut}`;
