import { expect, test } from "vitest";
import { cellKey, picturedCells, tilesOf } from "./gallery";

const mistake = (image: number, label: number, prediction: number) => ({
  image,
  label,
  prediction,
  probability: 0.7,
  label_probability: 0.2,
});
const mistakes = {
  tile_px: 32,
  columns: 2,
  items: [mistake(3, 0, 1), mistake(5, 1, 0), mistake(8, 0, 1)],
};

test("a cell shows the tiles of its own mistakes, from their places in the picture", () => {
  const tiles = tilesOf(mistakes, { label: 0, prediction: 1 }, 96);
  expect(tiles.map(({ mistake, position }) => [mistake.image, position])).toEqual([
    [3, "0px 0px"],
    [8, "0px -96px"],
  ]);
  expect(tiles[0]?.size).toBe("192px auto");
});

test("a cell without a picture can't be opened, and an old evaluation has no pictures", () => {
  expect(picturedCells(mistakes).has(cellKey({ label: 1, prediction: 0 }))).toBe(true);
  expect(picturedCells(mistakes).has(cellKey({ label: 1, prediction: 1 }))).toBe(false);
  expect(picturedCells(null).size).toBe(0);
});
