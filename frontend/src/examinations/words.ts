// An evaluation's protocol in words: views, batch-norm statistics, ensemble size.
import type { Examination } from "../api/types";

export const VIEWS = {
  single: "one view of each image",
  "ten-crop": "10 crops (sec. 3.4, as in Tables 2 and 3)",
  "multi-scale": "fully convolutional, 5 scales (sec. 3.4, as in Tables 4 and 5)",
} as const;
export type Views = keyof typeof VIEWS;

/** Each kind of examination as a noun. */
export const NOUNS: Record<Examination["kind"], string> = {
  evaluate: "evaluation",
  responses: "measurement",
  predict: "prediction",
  detect: "test",
  statistics: "pass",
};

type Evaluation = Pick<Examination, "views" | "recompute_bn" | "runs">;

/** "10 crops (sec. 3.4, …), ensemble of 2" */
export function protocolOf({ views, recompute_bn, runs }: Evaluation): string {
  const parts = [
    VIEWS[views ?? "single"],
    ...(recompute_bn ? ["batch-norm statistics recomputed over the training images"] : []),
    ...(runs.length > 1 ? [`ensemble of ${runs.length}`] : []),
  ];
  return parts.join(", ");
}
