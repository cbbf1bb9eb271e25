// The positions in a network's drawing: one column per stage, blocks from top to bottom as in Fig. 3.
import type { Plan } from "../api/types";

export type Layer = Plan["layers"][number];
export type Shortcut = Layer["shortcuts"][number];
export type Box = { x: number; y: number; text: string; kind: "convolution" | "other" | "more" };
/** A shortcut around a block, to the right of its boxes. */
export type Arc = { x: number; from: number; to: number; kind: Shortcut };
export type Drawing = { width: number; height: number; boxes: Box[]; arcs: Arc[]; heads: Head[] };
/** The heading of a column: the stage's name and its output map. */
export type Head = { x: number; name: string; map: string };

export const BOX = { width: 92, height: 20 };
const GAP = 9;
const COLUMN = BOX.width + 62;
const TOP = 46;
// A stage with more blocks shows the first two and the last: the blocks between are like their neighbours.
const MOST_BLOCKS = 4;

/** The stem is on top of the first stage's column, the classifier below the last stage's. */
export function layoutOf(layers: readonly Layer[]): Drawing {
  const stem = layers.at(0);
  const head = layers.at(-1);
  const stages = layers.slice(1, -1);
  const drawing: Drawing = { width: COLUMN * stages.length, height: 0, boxes: [], arcs: [], heads: [] };
  stages.forEach((stage, nth) => {
    const x = nth * COLUMN;
    let y = TOP;
    const put = (text: string, kind: Box["kind"]) => {
      drawing.boxes.push({ x, y, text, kind });
      y += BOX.height + GAP;
    };
    drawing.heads.push({ x, name: stage.name, map: `${stage.output_size}, ${stage.channels} channels` });
    if (nth === 0 && stem) put(stem.blocks.replace(", stride ", ", /"), "convolution");
    if (stage.max_pool) put("max pool, /2", "other");
    for (const part of abridge(blocksOf(stage))) {
      if (typeof part === "number") {
        put(`… ${part} more`, "more");
        continue;
      }
      const from = y - GAP / 2;
      for (const convolution of part.convolutions) put(convolution, "convolution");
      if (part.shortcut) drawing.arcs.push({ x: x + BOX.width, from, to: y - GAP / 2, kind: part.shortcut });
    }
    if (nth === stages.length - 1 && head) {
      put("average pool", "other");
      put(`fc ${head.channels}`, "other");
    }
    drawing.height = Math.max(drawing.height, y);
  });
  return drawing;
}

type Block = { convolutions: readonly string[]; shortcut: Shortcut | undefined };

/** A stage's blocks, counted by their layers: a plain network has no shortcuts to count. */
export function blocksOf(stage: Layer): Block[] {
  const count = stage.weighted_layers / Math.max(stage.convolutions.length, 1);
  return Array.from({ length: count }, (_, nth) => ({
    convolutions: stage.convolutions.map((convolution, layer) =>
      nth === 0 && layer === 0 && stage.stride > 1 ? `${convolution}, /${stage.stride}` : convolution,
    ),
    shortcut: stage.shortcuts[nth],
  }));
}

/** The blocks to draw; in a long stage, a number stands for the blocks that are left out. */
function abridge(blocks: Block[]): (Block | number)[] {
  if (blocks.length <= MOST_BLOCKS) return blocks;
  return [...blocks.slice(0, 2), blocks.length - 3, ...blocks.slice(-1)];
}

/** ["padding", "identity", "identity"] → "1 padding, 2 identity". */
export function countsByKind(shortcuts: readonly Shortcut[]): string {
  const kinds: Shortcut[] = ["padding", "projection", "identity"];
  const counts = kinds.map(
    (kind) => [shortcuts.filter((shortcut) => shortcut === kind).length, kind] as const,
  );
  return counts
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${count} ${kind}`)
    .join(", ");
}
