// A study's curves as one figure: each network's mean over its seeds, training dashed or thin, test bold.
import type { Curves, StudyMember } from "../../api/client";
import type { Figure, Line } from "../../chart/figure";
import { bandOf } from "../../chart/lines";
import { hueOf } from "../../chart/look";
import { windowOf } from "../../chart/query";
import { type ChartView, trainingDash } from "../../chart/view";

export const SERIES = ["train_error", "test_error"] as const;

/** `curves` come in groups of runs that differ only in their seed. */
export function figureOf(curves: Curves, members: readonly StudyMember[], view: ChartView): Figure {
  const labels = new Map(members.map(({ run, label }) => [run, label]));
  const dashed = trainingDash(view);
  const looks = looksOf(members.map(({ label }) => label));
  const lines = curves.groups.flatMap(({ runs, series: { train_error, test_error } }) => {
    const label = labels.get(runs[0] ?? null) ?? "deleted";
    const look = looks.get(label) ?? { hue: hueOf(label), dash: 0 };
    return [
      bandOf(train_error, { ...look, name: `${label}, training`, weight: "thin", dash: look.dash + dashed }),
      bandOf(test_error, { ...look, name: `${label}, test`, weight: "bold" }),
    ];
  });
  const reached = Math.max(0, ...members.map(({ iteration }) => iteration ?? 0));
  const iterations = Math.max(1, ...members.map(({ iterations }) => iterations ?? 0));
  return {
    label: "Error curves of the study",
    quantity: "error",
    unit: "%",
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

/** A depth has one colour, here and on a run's page. Networks that share a colour differ in their dashes. */
function looksOf(labels: readonly string[]) {
  const looks = new Map<string, Pick<Line, "hue" | "dash">>();
  for (const label of new Set(labels)) {
    const hue = hueOf(depthOf(label));
    looks.set(label, { hue, dash: [...looks.values()].filter((other) => other.hue === hue).length });
  }
  return looks;
}

/** "ResNet-56 A" → "56" */
const depthOf = (label: string): string => label.match(/-(\d+)/)?.[1] ?? label;
