// A study's curves as one figure: each network's mean over its seeds, training dashed or thin, test bold.
import type { Curves, Study, StudyMember } from "../../api/types";
import type { Figure } from "../../chart/figure";
import { strokesOf } from "../../chart/hues";
import { bandOf } from "../../chart/lines";
import { windowOf } from "../../chart/query";
import { type ChartView, isDashTraining, pickedHues, trainingDash } from "../../chart/view";

export const SERIES = ["train_error", "test_error"] as const;

/** `curves` come in groups of runs that differ only in their seed, on one data set. */
export function figureOf(
  curves: Curves,
  { members, dataset }: Pick<Study, "members" | "dataset">,
  view: ChartView,
): Figure {
  const labels = new Map(members.map(({ run, label }) => [run, label]));
  const dashed = trainingDash(view);
  const panels = panelsOf(members);
  const strokes = strokesIn(members, panels, view);
  const lines = curves.groups.flatMap(({ runs, series: { train_error, test_error } }) => {
    const label = labels.get(runs[0] ?? null) ?? "deleted";
    const stroke = strokes.get(keyOf(label)) ?? { hue: 0, dash: 0 };
    const look = {
      key: keyOf(label),
      legend: label,
      panel: Math.max(panels.indexOf(kindOf(label)), 0),
      ...stroke,
    };
    return [
      bandOf(train_error, { ...look, name: `${label}, training`, weight: "thin", dash: look.dash + dashed }),
      bandOf(test_error, { ...look, name: `${label}, test`, weight: "bold" }),
    ];
  });
  const reached = Math.max(0, ...members.map(({ iteration }) => iteration ?? 0));
  const iterations = Math.max(1, ...members.map(({ iterations }) => iterations ?? 0));
  return {
    label: "Error curves of the study",
    panels,
    quantity: "error",
    unit: "%",
    runs: members
      .flatMap(({ run, label }) => (run === null ? [] : [{ id: run, key: keyOf(label) }]))
      .slice(0, 100),
    isMean: true,
    datasets: [dataset],
    axis: view.x ?? "iteration",
    lines,
    drops: [],
    moments: [],
    references: [],
    x: windowOf(view, iterations, lines),
    step: curves.step,
    reached,
  };
}

/** Plain beside residual networks, as the paper prints them; one panel where the study has one kind. */
function panelsOf(members: readonly StudyMember[]): string[] {
  const kinds = new Set(members.map(({ label }) => kindOf(label)));
  return kinds.size > 1 ? ["plain", "residual"] : [""];
}

const kindOf = (label: string): string => (label.startsWith("plain") ? "plain" : "residual");

/** A depth has one colour, here and in a comparison. Networks of one depth differ in their dashes, in a preset in their hues. */
function strokesIn(members: readonly StudyMember[], panels: readonly string[], view: ChartView) {
  const labels = [...new Set(members.map(({ label }) => label))];
  const set = labels.map((label) => ({
    key: keyOf(label),
    panel: Math.max(panels.indexOf(kindOf(label)), 0),
    value: depthOf(label),
  }));
  return strokesOf(set, { isDashTraining: isDashTraining(view), chosen: pickedHues(view) });
}

/** "ResNet-56 A without warm-up" → "ResNet-56-A-without-warm-up" */
const keyOf = (label: string): string => label.replaceAll(/[^\w]+/g, "-").slice(0, 40);

/** "ResNet-56 A" → "56" */
const depthOf = (label: string): string => label.match(/-(\d+)/)?.[1] ?? label;
