// What keeps a run's result from standing beside the paper's: its departures, and for an import what nobody said.
import { useQuery } from "@tanstack/react-query";
import { getFindings } from "../api/runs";
import type { Finding, Run } from "../api/types";
import { forbidsComparison } from "../paper/severity";
import { isOpen } from "./progress";

/** Of the specification until the run has ended, then of its result as well. */
export function useDepartures(run: Run): Finding[] {
  const { data } = useQuery({
    queryKey: ["run", run.id, "findings"],
    queryFn: () => getFindings(run.id),
    enabled: !isOpen(run),
  });
  return (data?.items ?? run.departures).filter(forbidsComparison);
}

/** One sentence, and whether it is good news. Silence about a field is not a departure, but it isn't "kept" either. */
export function protocolSentence(run: Pick<Run, "origin">, departures: readonly Finding[]): string | null {
  if (departures.some(({ severity }) => severity === "departure")) return null;
  if (departures.length > 0)
    return "Nobody said the whole protocol, so this result can't stand beside the paper's.";
  return run.origin ? "The declared protocol is the paper's." : "The paper's protocol was kept.";
}
