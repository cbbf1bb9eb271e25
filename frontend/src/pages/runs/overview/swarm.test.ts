import { expect, test } from "vitest";
import { swarm } from "./swarm";

const column = (x: number, count: number, height: number) =>
  Array.from({ length: count }, (_, nth) => ({ x, y: 100 + (nth * height) / count }));

test("a lone point stays at its place, and so do points of different places", () => {
  expect(
    swarm(
      [
        { x: 10, y: 5 },
        { x: 80, y: 5 },
        { x: 80, y: 60 },
      ],
      { diameter: 8, widest: 60 },
    ),
  ).toEqual([0, 0, 0]);
});

test("few points of one place stand beside each other, their middle at the place", () => {
  const spots = [
    { x: 50, y: 20 },
    { x: 50, y: 20 },
    { x: 50, y: 20 },
  ];
  expect(swarm(spots, { diameter: 8, widest: 60 })).toEqual([-8, 0, 8]);
});

test("a full column stays within its room and doesn't touch the next", () => {
  const spots = [...column(100, 977, 300), ...column(160, 977, 300)];
  const offsets = swarm(spots, { diameter: 6, widest: 60 });
  const reach = (from: number, to?: number) => Math.max(...offsets.slice(from, to).map(Math.abs));
  expect(reach(0, 977)).toBeGreaterThan(10);
  expect(reach(0, 977) + reach(977)).toBeLessThan(60);
});

test("where values are dense, a column is wider", () => {
  const spots = [...Array.from({ length: 40 }, () => ({ x: 0, y: 60 })), ...column(0, 10, 400)];
  const offsets = swarm(spots, { diameter: 6, widest: 60 }).map(Math.abs);
  expect(Math.max(...offsets.slice(0, 40))).toBeGreaterThan(4 * Math.max(...offsets.slice(42)));
});
