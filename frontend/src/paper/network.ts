// The paper's names of networks: from a specification's fields, and back.
import type { Run } from "../api/client";

export type Network = Pick<Run["spec"], "depth" | "shortcut">;

/** 20 layers without shortcuts → "plain-20"; 56 layers, option A → "ResNet-56 A". */
export const networkName = ({ depth, shortcut }: Network): string =>
  shortcut === "none" ? `plain-${depth}` : `ResNet-${depth} ${shortcut}`;

/** "ResNet-110 A" → 110 layers, option A; "plain-20" → 20 layers, none; undefined for networks from other papers. */
export function networkNamed(name: string | null | undefined): Network | undefined {
  const plain = name?.match(/^plain-(\d+)/);
  if (plain) return { depth: Number(plain[1]), shortcut: "none" };
  const residual = name?.match(/^ResNet-(\d+) ([ABC])/);
  if (residual) return { depth: Number(residual[1]), shortcut: residual[2] as "A" | "B" | "C" };
  return undefined;
}
