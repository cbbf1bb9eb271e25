// The file name of downloaded weights, as the API gives it.

import type { Spec } from "../../api/types";
import { networkName } from "../../paper/network";

type WeightsName = Pick<Spec, "depth" | "shortcut" | "network" | "dataset" | "seed">;

export const fileName = (spec: WeightsName, iteration: number): string =>
  `${networkName(spec).toLowerCase().replace(" ", "-")}` +
  `_${spec.dataset}_seed-${spec.seed}_iteration-${iteration}.safetensors`;
