// The file name of downloaded weights, as the API gives it.

type WeightsName = { depth: number; shortcut: "none" | "A" | "B" | "C"; dataset: string; seed: number };

export const fileName = ({ depth, shortcut, dataset, seed }: WeightsName, iteration: number): string =>
  `${shortcut === "none" ? `plain-${depth}` : `resnet-${depth}-${shortcut.toLowerCase()}`}` +
  `_${dataset}_seed-${seed}_iteration-${iteration}.safetensors`;
