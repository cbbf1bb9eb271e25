// Which findings keep a result from standing beside the paper's.
import type { Finding } from "../api/types";

/** It departs from the protocol, or nobody said whether it does (imports only). */
export const forbidsComparison = ({ severity }: Pick<Finding, "severity">): boolean =>
  severity === "departure" || severity === "unknown";
