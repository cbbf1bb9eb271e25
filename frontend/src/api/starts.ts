// The calls about start weights: classifiers that detectors start from.
import { answerOf, http } from "./http";
import type { StartWeights } from "./types";

/** Weights that a detector with this network can start from: uploaded files, and those of finished classifiers. */
export const listStartWeights = (network: StartWeights["network"]) =>
  answerOf(http.GET("/api/v1/start-weights", { params: { query: { network } } }));

/** Stores a classifier's weights; the same file again is not an error. */
export function uploadStartWeights(network: StartWeights["network"], weights: File): Promise<StartWeights> {
  const form = new FormData();
  form.append("network", network);
  form.append("weights", weights);
  // The body goes out as this form; the types describe its parts.
  return answerOf(http.POST("/api/v1/start-weights", { body: {} as never, bodySerializer: () => form }));
}
