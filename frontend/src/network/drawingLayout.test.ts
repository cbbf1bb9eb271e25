import { expect, test } from "vitest";
import { blocksOf, countsByKind, type Layer, layoutOf } from "./drawingLayout";

const stage = (parts: Partial<Layer>): Layer => ({
  name: "layer1",
  output_size: "32×32",
  blocks: "",
  convolutions: ["3×3, 16", "3×3, 16"],
  channels: 16,
  stride: 1,
  max_pool: null,
  shortcuts: [],
  weighted_layers: 6,
  parameters: 0,
  multiply_adds: 0,
  ...parts,
});
const stem = stage({ name: "conv1", blocks: "3×3, 16", convolutions: ["3×3, 16"], weighted_layers: 1 });
const head = stage({ name: "linear", convolutions: [], channels: 10, weighted_layers: 1 });

test("a shortcut spans the layers of its block", () => {
  const { boxes, arcs } = layoutOf([stem, stage({ shortcuts: ["identity", "identity", "identity"] }), head]);
  expect(boxes.map(({ text }) => text)).toEqual([...Array(7).fill("3×3, 16"), "average pool", "fc 10"]);
  expect(arcs).toHaveLength(3);
  const inside = boxes.filter(({ y }) => arcs[0] && y > arcs[0].from && y < arcs[0].to);
  expect(inside).toHaveLength(2);
});

test("a plain network has as many blocks and no shortcuts", () => {
  const plain = stage({ shortcuts: [] });
  expect(blocksOf(plain)).toHaveLength(3);
  expect(layoutOf([stem, plain, head]).arcs).toEqual([]);
});

test("the stride is written at the layer that halves the map", () => {
  const halving = stage({ stride: 2, convolutions: ["1×1, 64", "3×3, 64", "1×1, 256"], weighted_layers: 6 });
  expect(blocksOf(halving).map(({ convolutions }) => convolutions[0])).toEqual(["1×1, 64, /2", "1×1, 64"]);
});

test("a long stage says how many blocks are left out", () => {
  const long = stage({ weighted_layers: 36, shortcuts: Array(18).fill("identity") });
  const { boxes, arcs } = layoutOf([stem, long, head]);
  expect(boxes.find(({ kind }) => kind === "more")?.text).toBe("… 15 more");
  expect(arcs).toHaveLength(3);
});

test("shortcuts are counted by their kind", () => {
  expect(countsByKind(["padding", "identity", "identity"])).toBe("1 padding, 2 identity");
  expect(countsByKind([])).toBe("");
});
