// How far a run's test error is from the paper's, where the run trains one of Table 6's networks on CIFAR-10.
import type { PaperTable, Run } from "../api/types";
import { networkName } from "../paper/network";
import { forbidsComparison } from "../paper/severity";

export type Distance = {
  /** Ours minus the paper's, in points. */
  points: number;
  /** The paper's error in percent: the mean where it ran the network several times. */
  theirs: number;
  /** "ResNet-56 A" */
  network: string;
  /** Whether the run departs from the paper's protocol, or nobody said whether it does. */
  departs: boolean;
};

type Measured = Pick<Run, "status" | "spec" | "departures" | "last">;

/** Undefined while the run trains, on other data, and where the paper prints no error for its network. */
export function distanceOf(
  { status, spec, departures, last: { test_error } }: Measured,
  { values }: Pick<PaperTable, "values">,
): Distance | undefined {
  const network = networkName(spec);
  const printed = values.find((value) => value.network === network && value.metric === "test error");
  if (status !== "succeeded" || spec.dataset !== "cifar10" || test_error === null || !printed || !network)
    return undefined;
  const theirs = printed.spread?.mean ?? printed.value;
  const departs = departures.some(forbidsComparison);
  return { points: test_error - theirs, theirs, network, departs };
}
