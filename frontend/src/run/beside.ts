// What a run's curves are held against: the paper's number for its network, and what happened to the run.
import { useQuery } from "@tanstack/react-query";
import type { PaperTable, Run, RunCurves } from "../api/client";
import { checkpointsQuery, datasetsQuery, historyQuery } from "../api/queries";
import type { Reference } from "../chart/figure";
import { tableQuery } from "../paper/queries";

export const TABLE = 6; // the errors on the CIFAR-10 test set

/** Table 6's test error for this network, on its data set only. */
export function usePublished({ spec }: Run): Reference[] {
  const isPublished = spec.dataset === "cifar10";
  const query = useQuery({ ...tableQuery(TABLE), enabled: isPublished });
  return isPublished && query.data ? publishedOf(spec, query.data) : [];
}

type Network = Pick<Run["spec"], "depth" | "shortcut">;

/** What the paper would call it: "plain-20", "ResNet-56 A". */
export const networkOf = ({ depth, shortcut }: Network): string =>
  shortcut === "none" ? `plain-${depth}` : `ResNet-${depth} ${shortcut}`;

export function publishedOf(network: Network, table: PaperTable) {
  return table.values
    .filter((value) => value.network === networkOf(network) && value.metric === "error")
    .map(({ value }): Reference => ({ name: `paper, Table ${TABLE}`, value }));
}

/** Epochs an iteration; undefined until the data set's size is known. */
export function useEpoch({ spec }: Run): number | undefined {
  const { data } = useQuery({ ...datasetsQuery, staleTime: Number.POSITIVE_INFINITY });
  const images = spec.train_images ?? data?.items.find(({ name }) => name === spec.dataset)?.train_images;
  return images && spec.batch_size ? spec.batch_size / images : undefined;
}

/** Attempts, pauses and checkpoints, where they are asked for. */
export function useMoments(run: Run, attempts: RunCurves["attempts"], isWanted: boolean) {
  const history = useQuery({ ...historyQuery(run.id), enabled: isWanted });
  const saved = useQuery({ ...checkpointsQuery(run.id), enabled: isWanted });
  if (!isWanted) return [];
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
