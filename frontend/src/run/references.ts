// What a chart shows beside a run's curves: the paper's error for its network, and the run's events.
import { useQuery } from "@tanstack/react-query";
import { checkpointsQuery, datasetsQuery, historyQuery } from "../api/queries";
import type { PaperTable, Run, RunCurves } from "../api/types";
import type { Reference } from "../chart/figure";
import { networkName } from "../paper/network";
import { tableQuery } from "../paper/queries";
import { forbidsComparison } from "../paper/severity";
import { RUN } from "./errorFigure";
import { isUnknown } from "./spec";

export const TABLE = 6; // the errors on the CIFAR-10 test set

/** Whether a run's bold curve may stand beside Table 6's errors: those are test errors on CIFAR-10. */
export const isInTable = ({ spec }: { spec: { dataset: string } }, bold: Run["main_error"]): boolean =>
  spec.dataset === "cifar10" && bold === "test_error";

/** Table 6's test error of the run's network, where the run trains on CIFAR-10 and its bold curve is the test error. */
export function usePublished(run: Run, bold: Run["main_error"]): Reference[] {
  const isPublished = isInTable(run, bold);
  const query = useQuery({ ...tableQuery(TABLE), enabled: isPublished });
  return isPublished && query.data ? publishedOf([run], query.data, [RUN]) : [];
}

type Judged = {
  spec: Parameters<typeof networkName>[0];
  departures: readonly Pick<Run["departures"][number], "severity">[];
};

/**
 * The paper's error of the network that these runs train; its name says where a run departs from the paper's protocol.
 * Of a best of several runs, the mean is the level: a single run is not compared with a best of five.
 */
export function publishedOf(
  runs: readonly Judged[],
  table: Pick<PaperTable, "values">,
  keys: readonly string[],
): Reference[] {
  const network = runs[0] && networkName(runs[0].spec);
  const departs = runs.some(({ departures }) => departures.some(({ severity }) => severity === "departure"));
  const isUnsaid = runs.some(({ departures }) => departures.some(forbidsComparison));
  const mark = departs ? ", another protocol" : isUnsaid ? ", protocol not said" : "";
  return table.values
    .filter((value) => value.network === network && value.metric === "test error")
    .map(({ value, spread }) =>
      spread
        ? {
            name: `paper, ${network}: ${spread.mean.toFixed(2)} ± ${spread.std.toFixed(2)} (best of ${spread.runs}: ${value.toFixed(2)}${mark})`,
            value: spread.mean,
            spread: spread.std,
            keys,
          }
        : { name: `paper, ${network}: ${value.toFixed(2)}${mark && ` (${mark.slice(2)})`}`, value, keys },
    );
}

/** Epochs per iteration; undefined until the data set's size is known. */
export function useEpoch(run: Run): number | undefined {
  const { spec } = run;
  const { data } = useQuery({ ...datasetsQuery, staleTime: Number.POSITIVE_INFINITY });
  const images = spec.train_images ?? data?.items.find(({ name }) => name === spec.dataset)?.train_images;
  if (isUnknown(run, "batch_size") || isUnknown(run, "train_images")) return undefined;
  return images && spec.batch_size ? spec.batch_size / images : undefined;
}

/** Attempts, pauses and checkpoints, where the chart marks them. */
export function useMoments(run: Run, attempts: RunCurves["attempts"], isMarked: boolean) {
  const history = useQuery({ ...historyQuery(run.id), enabled: isMarked });
  const saved = useQuery({ ...checkpointsQuery(run.id), enabled: isMarked });
  if (!isMarked) return [];
  const checkpoints = new Set(saved.data?.items.map(({ iteration }) => iteration));
  return [
    ...attempts
      .filter(({ number }) => number > 1)
      .map(({ number, resumed_from }) => ({ iteration: resumed_from, text: `attempt ${number}` })),
    ...(history.data?.items ?? []).flatMap(({ kind, body }) =>
      (kind === "paused" || kind === "resumed") && typeof body.iteration === "number"
        ? [{ iteration: body.iteration, text: kind }]
        : [],
    ),
    ...[...checkpoints].map((iteration) => ({ iteration, text: "checkpoint" })),
  ];
}
