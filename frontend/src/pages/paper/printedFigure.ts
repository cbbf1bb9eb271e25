// A figure of the paper, empty, with what the paper prints about its curves; and runs laid into its panels.
import type { PaperFigure, PaperTable, Run } from "../../api/types";
import type { Figure, Reference } from "../../chart/figure";
import type { Panels } from "../../comparison/panels";
import { networkName, networkNamed } from "../../paper/network";
import { publishedOf } from "../../run/references";

export type Panelled = PaperFigure & {
  panel_networks: string[][];
  x: { low: number; high: number; label: string };
};

/** Whether the paper's figure has panels of error curves. */
export const isPanelled = (figure: PaperFigure): figure is Panelled =>
  figure.panel_networks != null && figure.x != null && figure.preset != null;

/** The iterations of the printed axis: "iter. (1e4)" from 0 to 6 → 60,000. */
export const printedEnd = ({ x }: Panelled): number => x.high * Number(/\((1e\d+)\)/.exec(x.label)?.[1] ?? 1);

/** The first panel of each run's network. */
export function panelsIn({ panels, panel_networks }: Panelled, runs: readonly Run[]): Panels {
  const of = runs.map(
    ({ id, spec }) =>
      [
        id,
        Math.max(
          panel_networks.findIndex((networks) => networks.includes(networkName(spec))),
          0,
        ),
      ] as const,
  );
  return { titles: panels, of: new Map(of) };
}

/** The figure with axes, panels and levels, and without a curve. */
export const emptyFigure = (printed: Panelled, references: readonly Reference[]): Figure => ({
  label: `Figure ${printed.number}`,
  panels: printed.panels,
  datasets: printed.dataset ? [printed.dataset] : [],
  quantity: "error",
  unit: "%",
  axis: "iteration",
  lines: [],
  drops: [],
  moments: [],
  references,
  x: [0, printedEnd(printed)],
  step: 1,
  reached: 0,
});

/** Runs' curves in the printed panels: a network that stands in two panels is drawn in both. */
export function laidInto(
  printed: Panelled,
  overlay: Figure,
  runs: readonly Run[],
  keyOf: (id: string) => string,
): Figure {
  const networks = new Map(runs.map(({ id, spec }) => [keyOf(id), networkName(spec)]));
  const panelsOf = (key: string) =>
    printed.panel_networks.flatMap((panel, nth) => (panel.includes(networks.get(key) ?? "") ? [nth] : []));
  return {
    ...overlay,
    label: `Figure ${printed.number}`,
    lines: overlay.lines.flatMap((line) => panelsOf(line.key).map((panel) => ({ ...line, panel }))),
    x: [0, Math.max(overlay.x[1], ...(isPaperLong(printed, runs) ? [printedEnd(printed)] : []))],
  };
}

const isPaperLong = (printed: Panelled, runs: readonly Run[]): boolean =>
  runs.some(({ iterations }) => iterations >= printedEnd(printed));

/** The paper's error of each network as a level in each of its panels, compared with these runs' curves. */
export function levelsOf(
  printed: Panelled,
  table: Pick<PaperTable, "values"> | undefined,
  runs: readonly Run[],
  keyOf: (id: string) => string,
): Reference[] {
  if (!table) return [];
  return printed.panel_networks.flatMap((networks, panel) =>
    networks.flatMap((network) => {
      const spec = networkNamed(network);
      if (!spec) return [];
      const own = runs.filter((run) => networkName(run.spec) === network);
      return publishedOf(
        own.length > 0 ? own : [{ spec, departures: [] }],
        table,
        own.map(({ id }) => keyOf(id)),
      ).map((level) => ({ ...level, name: level.name.replace("paper, ", ""), panel }));
    }),
  );
}

/**
 * The runs that one click lays into the figure: of each network the longest, and of these the newest that succeeded; on the
 * figure's own data if any network has such a run, else on the data that most of its networks are trained on. `runs` have
 * the newest first.
 */
export function closestOf(printed: PaperFigure, runs: readonly Run[]): Run[] {
  const firsts = new Map<string, Map<string, Run>>();
  for (const run of runs) {
    const network = networkName(run.spec);
    const own = firsts.get(run.spec.dataset) ?? new Map<string, Run>();
    const known = own.get(network);
    if (!known || rank(run) > rank(known)) own.set(network, run);
    firsts.set(run.spec.dataset, own);
  }
  const preferred = printed.dataset ? firsts.get(printed.dataset) : undefined;
  const most = [...firsts.values()].sort((a, b) => b.size - a.size)[0];
  return [...(preferred ?? most ?? new Map<string, Run>()).values()];
}

const rank = ({ iterations, status }: Run): number => iterations + (status === "succeeded" ? 0.5 : 0);

/** The runs in the order in which the paper lists their networks. */
export function inOrder({ panel_networks }: Panelled, runs: readonly Run[]): Run[] {
  const networks = panel_networks.flat();
  return runs.toSorted(
    (a, b) => networks.indexOf(networkName(a.spec)) - networks.indexOf(networkName(b.spec)),
  );
}
