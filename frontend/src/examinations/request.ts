// Whether an evaluation already exists: the same weights and protocol always give the same result.
import type { Examination } from "../api/client";
import { isOpen } from "../run/progress";
import type { Views } from "./words";

export type Asked = { views: Views; recompute_bn: boolean; runs: readonly string[] };

/** Whether an examination used the current images of its data set, which may have been replaced since. */
export const isOfNow = (
  { created_at }: Pick<Examination, "created_at">,
  registeredAt: string | undefined,
): boolean => registeredAt === undefined || Date.parse(created_at) > Date.parse(registeredAt);

type Known = Pick<Examination, "views" | "recompute_bn" | "runs" | "status">;

/** Whether an evaluation is done or under way. The order of an ensemble's runs doesn't matter. */
export const isAsked = (evaluations: readonly Known[], { views, recompute_bn, runs }: Asked): boolean =>
  evaluations.some(
    (one) =>
      (one.status === "succeeded" || isOpen(one)) &&
      (one.views ?? "single") === views &&
      (one.recompute_bn ?? false) === recompute_bn &&
      one.runs.length === runs.length &&
      runs.every((run) => one.runs.includes(run)),
  );
