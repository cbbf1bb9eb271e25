// The paper's names of networks: from a specification's fields, and back.
import type { RunSpec, Spec } from "../api/types";

export type Network = Pick<RunSpec, "depth" | "shortcut">;
type Named = Network | Pick<Spec, "depth" | "shortcut" | "network">;

/** The layers and shortcuts of a classifier, or of the classifier that a detector is built on. */
export function networkOf(spec: Named): Network {
  const name = "network" in spec ? spec.network : undefined;
  // Every specification has either a network or, of a classifier, a depth and a shortcut.
  if (name === undefined) return spec as Network;
  return { depth: Number(name.replace(/\D+/, "")), shortcut: name === "vgg16" ? "none" : "B" };
}

/** 20 layers without shortcuts → "plain-20"; 56 layers, option A → "ResNet-56 A"; a detector's resnet101 → "ResNet-101". */
export function networkName(spec: Named): string {
  const { depth, shortcut } = networkOf(spec);
  if (spec.depth === undefined) return shortcut === "none" ? `VGG-${depth}` : `ResNet-${depth}`;
  return shortcut === "none" ? `plain-${depth}` : `ResNet-${depth} ${shortcut}`;
}

/** "ResNet-110 A" → 110 layers, option A; "plain-20" → 20 layers, none; undefined for networks from other papers. */
export function networkNamed(name: string | null | undefined): Network | undefined {
  const plain = name?.match(/^plain-(\d+)/);
  if (plain) return { depth: Number(plain[1]), shortcut: "none" };
  const residual = name?.match(/^ResNet-(\d+) ([ABC])/);
  if (residual) return { depth: Number(residual[1]), shortcut: residual[2] as "A" | "B" | "C" };
  return undefined;
}
