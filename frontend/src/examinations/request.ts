// What the form asks for, and whether it is in the table already: the same weights answer the same.
import type { Examination } from "../api/client";
import { isOpen } from "../run/progress";
import type { Views } from "./words";

export type Asked = { views: Views; recompute_bn: boolean; runs: readonly string[] };

/** Whether it saw the images that the data set's name stands for now: one that was registered anew has others. */
export const isOfNow = (
  { created_at }: Pick<Examination, "created_at">,
  registeredAt: string | undefined,
): boolean => registeredAt === undefined || Date.parse(created_at) > Date.parse(registeredAt);

type Known = Pick<Examination, "views" | "recompute_bn" | "runs" | "status">;

/** Done or under way; the order of an ensemble's runs is nothing to its mean. */
export const isAsked = (evaluations: readonly Known[], { views, recompute_bn, runs }: Asked): boolean =>
  evaluations.some(
    (one) =>
      (one.status === "succeeded" || isOpen(one)) &&
      (one.views ?? "single") === views &&
      (one.recompute_bn ?? false) === recompute_bn &&
      one.runs.length === runs.length &&
      runs.every((run) => one.runs.includes(run)),
  );
