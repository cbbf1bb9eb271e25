// How far an ImageNet run's evaluations are from the paper's, which tables print for 10 crops and for several scales.
import type { Examination, PaperTable, Run } from "../api/types";
import { networkName } from "../paper/network";

/** The tables with errors on ImageNet's validation images, and the views that each one's errors are of. */
export const TABLES = [
  { table: 2, views: "ten-crop", protocol: "10-crop" },
  { table: 3, views: "ten-crop", protocol: "10-crop" },
  { table: 4, views: "multi-scale", protocol: "dense multi-scale" },
] as const;

type Evaluation = Pick<Examination, "kind" | "status" | "views" | "recompute_bn" | "error"> & {
  runs: readonly string[];
};
/** Errors in percent, and ours minus the paper's in points. */
export type Distance = { table: number; protocol: string; ours: number; theirs: number; points: number };

type Printed = { table: Pick<PaperTable["table"], "number">; values: PaperTable["values"] };

/** One for each way of evaluating that both the paper and an evaluation of these weights alone have used. */
export function imagenetDistances(
  { spec }: Pick<Run, "spec">,
  examinations: readonly Evaluation[],
  tables: readonly Printed[],
): Distance[] {
  const distances = TABLES.flatMap(({ table, views, protocol }) => {
    const printed = tables
      .find((other) => other.table.number === table)
      ?.values.find(
        (value) =>
          value.network === networkName(spec) &&
          value.metric === "top-1 error" &&
          value.protocol === protocol,
      );
    const ours = examinations.find(
      ({ kind, status, runs, views: seen, recompute_bn }) =>
        kind === "evaluate" && status === "succeeded" && runs.length === 1 && seen === views && !recompute_bn,
    )?.error;
    if (!printed || ours == null) return [];
    return [{ table, protocol, ours, theirs: printed.value, points: ours - printed.value }];
  });
  // ResNet-34 A stands in two tables.
  return distances.filter(
    ({ protocol }, index) => distances.findIndex((other) => other.protocol === protocol) === index,
  );
}
