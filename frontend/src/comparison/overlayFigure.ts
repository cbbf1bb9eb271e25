// Turns the curves of many runs into one figure, coloured by run or by a field, with means over seeds where chosen.

import type { Band, Curve, Curves, Run } from "../api/types";
import type { Drop } from "../chart/drops";
import type { Figure, Line, Reference } from "../chart/figure";
import { strokesOf } from "../chart/hues";
import { bandOf, lineOf, positionOf, type Style } from "../chart/lines";
import { windowOf } from "../chart/query";
import {
  type ChartView,
  isDashTraining,
  pickedHues,
  showsRange,
  trainingDash,
  type View,
} from "../chart/view";
import { networkOf } from "../paper/network";
import { boldError, dropsOf, withPosition } from "../run/errorFigure";
import { namesOf } from "./names";
import { fieldValue, type Panels, panelsOf, splitOf } from "./panels";

type Series<T> = Partial<Record<string, T>>;
type Colored = { color?: string | undefined; split?: string | undefined };
type Pinned = { pin?: string | undefined };
/** What the figure shows beside the curves. */
type Around = {
  references: readonly Reference[];
  epoch: number | undefined;
  /** The panels; where they are left out, those that the view splits by. */
  panels?: Panels;
};

/** `groups` are means over seeds; the single runs are then drawn faintly behind them. */
export function overlayOf(
  runs: readonly Run[],
  curves: { runs: Curves; groups: Curves | undefined },
  view: ChartView & Colored & Pinned,
  { references, epoch, panels = panelsOf(runs, splitOf(runs, view)) }: Around,
): Figure {
  const axis = view.x ?? "iteration";
  const seriesOf = new Map<string, Series<Curve>>(curves.runs.runs.map(({ run, series }) => [run, series]));
  const groups = curves.groups?.groups.map(({ runs: members, series }) => ({ members, series }));
  const looks = looksOf(runs, view, groups, panels);
  const lines = groups
    ? [...behind(runs, seriesOf, looks, view), ...means(runs, groups, looks, view)]
    : singles(runs, seriesOf, looks, view);
  const longest = runs.toSorted((a, b) => b.iteration - a.iteration)[0];
  const curve = longest && seriesOf.get(longest.id);
  const position = (iteration: number) => positionOf(iteration, axis, curve?.lr ?? curve?.train_error);
  const names = namesOf(runs);
  const starts = curves.runs.runs.flatMap(({ run, attempts }) =>
    attempts
      .filter(({ number }) => number > 1)
      .map(({ number, resumed_from }) => ({
        iteration: resumed_from,
        text: `${names.get(run)}: attempt ${number}`,
      })),
  );
  return {
    label: "Error curves",
    panels: panels.titles,
    runs: runs.map(({ id }) => ({ id, key: looks.get(id)?.key ?? "" })),
    isMean: groups !== undefined,
    datasets: [...new Set(runs.map(({ spec }) => spec.dataset))],
    quantity: "error",
    unit: "%",
    axis,
    lines,
    drops: withPosition(sharedDrops(runs, seriesOf), position),
    moments: view.marks ? withPosition(starts, position) : [],
    references: [...references, ...pinnedOf(runs, seriesOf, looks, view)],
    x: windowOf(view, Math.max(...runs.map(({ iterations }) => iterations), 1), lines),
    step: curves.runs.step,
    reached: longest?.iteration ?? 0,
    ...(curve?.lr && {
      rates: {
        at: curve.lr.iteration,
        lr: isOneSchedule(runs) ? curve.lr.mean : [],
        epoch: isOneBatch(runs) ? (epoch ?? 0) : 0,
      },
    }),
  };
}

type Group = { members: readonly string[]; series: Series<Band> };
/** How a curve's lines are told from those of others: its key in the link, its panel, its colour and dash. */
type Look = Pick<Style, "key" | "panel" | "hue" | "dash">;

/** A run's key in the link. The end of its id, because links with 40 whole ids twice would be too long. */
export const keyOf = (id: string): string => id.slice(-8);

/** The look of each run; those of a group share one. */
export function looksOf(
  runs: readonly Run[],
  view: View & Colored,
  groups?: readonly Group[],
  panels: Panels = panelsOf(runs, splitOf(runs, view)),
): Map<string, Look> {
  const firstOf = (id: string) => groups?.find(({ members }) => members.includes(id))?.members[0] ?? id;
  const field =
    view.color ??
    defaultColor(
      runs.filter(({ id }) => firstOf(id) === id),
      view,
      panels,
    );
  const members = runs
    .filter(({ id }) => firstOf(id) === id)
    .map((run) => ({
      key: keyOf(run.id),
      panel: panels.of.get(run.id) ?? 0,
      value: colorValue(run, field),
    }));
  const strokes = strokesOf(members, { isDashTraining: isDashTraining(view), chosen: pickedHues(view) });
  return new Map(
    runs.map(({ id }) => {
      const key = keyOf(firstOf(id));
      return [id, { key, panel: panels.of.get(id) ?? 0, ...(strokes.get(key) ?? { hue: 0, dash: 0 }) }];
    }),
  );
}

/** Depth where it tells a panel's runs apart, and in panels; where panels are depths, the shortcut; else each run by itself. */
function defaultColor(runs: readonly Run[], { split }: Colored, { titles, of }: Panels): string | undefined {
  if (titles.length > 1) return split === "depth" ? "shortcut" : "depth";
  const depths = new Set(runs.map(({ id, spec }) => `${of.get(id)} ${networkOf(spec).depth}`));
  return runs.length > 1 && depths.size === runs.length ? "depth" : undefined;
}

const colorValue = (run: Run, field: string | undefined): string => {
  if (!field) return run.id;
  return field === "depth" ? String(networkOf(run.spec).depth) : fieldValue(run, field);
};

const NO_LOOK: Look = { key: "", panel: 0, hue: 0, dash: 0 };

const seedless = (run: Run): Run => ({ ...run, spec: { ...run.spec, seed: 0 } });

const SPLITS = { val_error: "validation", test_error: "test" } as const;

/** The curve that is drawn bold for these runs: validation where at least one of them has validation images. */
function boldOf<T>(runs: readonly Run[], series: Series<T>, view: ChartView) {
  const main_error = runs.some((run) => run.main_error === "val_error") ? "val_error" : "test_error";
  const bold = boldError({ main_error }, view);
  return { curve: series[bold], split: SPLITS[bold] };
}

function singles(
  runs: readonly Run[],
  series: Map<string, Series<Curve>>,
  looks: Map<string, Look>,
  view: ChartView,
): Line[] {
  const names = namesOf(runs);
  const hasRange = showsRange(view, runs.length);
  return runs.flatMap((run) => {
    const { id } = run;
    const [own, name] = [series.get(id) ?? {}, names.get(id) ?? run.name];
    const look = { ...(looks.get(id) ?? NO_LOOK), legend: name };
    const { curve, split } = boldOf([run], own, view);
    const dash = look.dash + trainingDash(view);
    return [
      lineOf(own.train_error, { ...look, dash, name: `${name}, training`, weight: "thin" }, hasRange),
      lineOf(curve, { ...look, name: `${name}, ${split}`, weight: "bold" }, hasRange),
    ];
  });
}

/** The run that the others are compared with: its curves, and its last error as a level. */
function pinnedOf(
  runs: readonly Run[],
  series: Map<string, Series<Curve>>,
  looks: Map<string, Look>,
  view: ChartView & Pinned,
): Reference[] {
  const pinned = runs.filter(({ id }) => id === view.pin);
  const lines = singles(pinned, series, looks, view);
  const ended = lines.findLast(({ points }) => points.value.length > 0);
  const last = ended?.last?.value ?? ended?.points.value.at(-1);
  return pinned.flatMap(({ id, name }) =>
    last == null ? [] : [{ name: namesOf(runs).get(id) ?? name, value: last, lines }],
  );
}

function behind(
  runs: readonly Run[],
  series: Map<string, Series<Curve>>,
  looks: Map<string, Look>,
  view: ChartView,
): Line[] {
  const names = namesOf(runs);
  return runs.map((run) => {
    const { id } = run;
    const { curve, split } = boldOf([run], series.get(id) ?? {}, view);
    const name = names.get(id) ?? run.name;
    return lineOf(curve, {
      ...(looks.get(id) ?? NO_LOOK),
      legend: name,
      name: `${name}, ${split}`,
      weight: "faint",
    });
  });
}

function means(
  runs: readonly Run[],
  groups: readonly Group[],
  looks: Map<string, Look>,
  view: ChartView,
): Line[] {
  const firsts = groups.flatMap(({ members }) => runs.find(({ id }) => id === members[0]) ?? []);
  // Without the seed, because the first run's seed doesn't stand for the group.
  const names = namesOf(firsts.map(seedless));
  return groups.flatMap(({ members, series }) => {
    const [first = ""] = members;
    const name = `${names.get(first)} (n = ${members.length})`;
    const look = { ...(looks.get(first) ?? NO_LOOK), legend: name };
    const { curve, split } = boldOf(
      runs.filter(({ id }) => members.includes(id)),
      series,
      view,
    );
    return [
      bandOf(series.train_error, {
        ...look,
        dash: look.dash + trainingDash(view),
        name: `${name}, training`,
        weight: "thin",
      }),
      bandOf(curve, { ...look, name: `${name}, ${split}`, weight: "bold" }),
    ];
  });
}

/** The learning-rate drops that all runs have. */
function sharedDrops(runs: readonly Run[], series: Map<string, Series<Curve>>): Drop[] {
  const [first = [], ...others] = runs.map((run) => dropsOf(run, series.get(run.id)?.lr));
  return first.filter((drop) =>
    others.every((drops) =>
      drops.some(({ iteration, lr }) => iteration === drop.iteration && lr === drop.lr),
    ),
  );
}

const isOneSchedule = (runs: readonly Run[]): boolean =>
  new Set(runs.map(({ spec: { lr, schedule, warmup } }) => JSON.stringify([lr, schedule, warmup]))).size ===
  1;

const isOneBatch = (runs: readonly Run[]): boolean =>
  new Set(
    runs.map(({ spec: { batch_size, dataset, train_images } }) => `${batch_size} ${dataset} ${train_images}`),
  ).size === 1;
