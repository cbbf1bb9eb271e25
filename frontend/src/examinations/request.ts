// Whether an evaluation already exists: the same weights and protocol always give the same result.
import type { Examination } from "../api/types";
import { isOpen } from "../run/progress";
import type { Views } from "./words";

export type EvaluationRequest = { views: Views; recompute_bn: boolean; runs: readonly string[] };

/** Whether an examination used the current images of its data set, which may have been replaced since. */
export const usesCurrentData = (
  { created_at }: Pick<Examination, "created_at">,
  registeredAt: string | undefined,
): boolean => registeredAt === undefined || Date.parse(created_at) > Date.parse(registeredAt);

type Evaluation = Pick<Examination, "views" | "recompute_bn" | "runs" | "status">;

/** Whether an evaluation is done or under way. The order of an ensemble's runs doesn't matter. */
export const evaluationExists = (
  evaluations: readonly Evaluation[],
  { views, recompute_bn, runs }: EvaluationRequest,
): boolean =>
  evaluations.some(
    (evaluation) =>
      (evaluation.status === "succeeded" || isOpen(evaluation)) &&
      (evaluation.views ?? "single") === views &&
      (evaluation.recompute_bn ?? false) === recompute_bn &&
      evaluation.runs.length === runs.length &&
      runs.every((run) => evaluation.runs.includes(run)),
  );
