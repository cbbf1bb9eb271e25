// Turns the curves of many runs into one figure, coloured by run or by a field, with means over seeds where chosen.
import type { Band, Curve, Curves, Run } from "../../api/client";
import type { Drop } from "../../chart/drops";
import type { Figure, Line, Reference } from "../../chart/figure";
import { bandOf, lineOf, positionOf, type Style } from "../../chart/lines";
import { hueOf } from "../../chart/look";
import { windowOf } from "../../chart/query";
import { type ChartView, trainingDash } from "../../chart/view";
import { boldError, dropsOf, withPosition } from "../../run/errorFigure";
import { fieldText } from "../../run/spec";
import { namesOf } from "./names";

type Series<T> = Partial<Record<string, T>>;
type Colored = { color?: string | undefined };
type Pinned = { pin?: string | undefined };
/** What the figure shows beside the curves. */
type Around = { references: readonly Reference[]; epoch: number | undefined };

/** `groups` are means over seeds; the single runs are then drawn faintly behind them. */
export function overlayOf(
  runs: readonly Run[],
  curves: { runs: Curves; groups: Curves | undefined },
  view: ChartView & Colored & Pinned,
  { references, epoch }: Around,
): Figure {
  const axis = view.x ?? "iteration";
  const seriesOf = new Map<string, Series<Curve>>(curves.runs.runs.map(({ run, series }) => [run, series]));
  const groups = curves.groups?.groups.map(({ runs: members, series }) => ({ members, series }));
  const styles = stylesOf(runs, view, groups);
  const lines = groups
    ? [...behind(runs, seriesOf, styles, view), ...means(runs, groups, styles, view)]
    : singles(runs, seriesOf, styles, view);
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
    quantity: "error",
    unit: "%",
    axis,
    lines,
    drops: withPosition(sharedDrops(runs, seriesOf), position),
    moments: view.marks ? withPosition(starts, position) : [],
    references: [...references, ...pinnedOf(runs, seriesOf, styles, view)],
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
type Look = Pick<Style, "hue" | "dash">;

/** A hue for each value of the colouring field; runs with one hue that differ in more than the seed differ in dashes. */
export function stylesOf(runs: readonly Run[], { color }: Colored, groups?: readonly Group[]) {
  const styles = new Map<string, Look>();
  const looks = new Map<string, Look>();
  for (const run of runs) {
    const value = color && color in run.spec ? fieldText(run.spec[color as keyof Run["spec"]]) : undefined;
    const alone = groups?.find(({ members }) => members.includes(run.id))?.members[0] ?? run.id;
    const hue = hueOf(value ?? alone);
    const key = value === undefined ? alone : `${value} ${JSON.stringify(seedless(run).spec)}`;
    const dash = [...looks.values()].filter((other) => other.hue === hue).length;
    const look = looks.get(key) ?? { hue, dash };
    looks.set(key, look);
    styles.set(run.id, look);
  }
  return styles;
}

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
  styles: Map<string, Look>,
  view: ChartView,
): Line[] {
  const names = namesOf(runs);
  return runs.flatMap((run) => {
    const { id } = run;
    const [own, look, name] = [series.get(id) ?? {}, styles.get(id) ?? { hue: 0, dash: 0 }, names.get(id)];
    const { curve, split } = boldOf([run], own, view);
    return [
      lineOf(own.train_error, {
        hue: look.hue,
        dash: look.dash + trainingDash(view),
        name: `${name}, training`,
        weight: "thin",
      }),
      lineOf(curve, { ...look, name: `${name}, ${split}`, weight: "bold" }),
    ];
  });
}

/** The run that the others are compared with: its curves, and its last error as a level. */
function pinnedOf(
  runs: readonly Run[],
  series: Map<string, Series<Curve>>,
  styles: Map<string, Look>,
  view: ChartView & Pinned,
): Reference[] {
  const pinned = runs.filter(({ id }) => id === view.pin);
  const lines = singles(pinned, series, styles, view);
  const last = lines.findLast(({ points }) => points.value.length > 0)?.points.value.at(-1);
  return pinned.flatMap(({ id, name }) =>
    last == null ? [] : [{ name: namesOf(runs).get(id) ?? name, value: last, lines }],
  );
}

function behind(
  runs: readonly Run[],
  series: Map<string, Series<Curve>>,
  styles: Map<string, Look>,
  view: ChartView,
): Line[] {
  const names = namesOf(runs);
  return runs.map((run) => {
    const { id } = run;
    const { curve, split } = boldOf([run], series.get(id) ?? {}, view);
    const { shade: _, ...line } = lineOf(curve, {
      ...(styles.get(id) ?? { hue: 0, dash: 0 }),
      name: `${names.get(id)}, ${split}`,
      weight: "faint",
    });
    return line;
  });
}

function means(
  runs: readonly Run[],
  groups: readonly Group[],
  styles: Map<string, Look>,
  view: ChartView,
): Line[] {
  const firsts = groups.flatMap(({ members }) => runs.find(({ id }) => id === members[0]) ?? []);
  // Without the seed, because the first run's seed doesn't stand for the group.
  const names = namesOf(firsts.map(seedless));
  return groups.flatMap(({ members, series }) => {
    const [first = ""] = members;
    const look = styles.get(first) ?? { hue: 0, dash: 0 };
    const name = `${names.get(first)} (n = ${members.length})`;
    const { curve, split } = boldOf(
      runs.filter(({ id }) => members.includes(id)),
      series,
      view,
    );
    return [
      bandOf(series.train_error, {
        hue: look.hue,
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
