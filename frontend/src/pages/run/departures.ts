// A run's departures from the paper's protocol, without what the check only remarks on.
import type { Finding, Run } from "../../api/client";

export const departuresOf = ({ departures }: Pick<Run, "departures">): Finding[] =>
  departures.filter(({ severity }) => severity === "departure");
