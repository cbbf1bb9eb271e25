import { expect, test } from "vitest";
import { priorityFor } from "./order";

const waiting = [
  { run: "a", priority: 5 },
  { run: "b", priority: 0 },
  { run: "c", priority: 0 },
];

test("a run dragged up goes above the target, a run dragged down goes below it", () => {
  expect(priorityFor("c", "a", waiting)).toBe(6);
  expect(priorityFor("a", "b", waiting)).toBe(-1);
});

test("a drag onto itself, or beyond the range of priorities, changes nothing", () => {
  expect(priorityFor("a", "a", waiting)).toBeUndefined();
  expect(priorityFor("b", "x", waiting)).toBeUndefined();
  const top = [
    { run: "a", priority: 100 },
    { run: "b", priority: 100 },
  ];
  expect(priorityFor("b", "a", top)).toBeUndefined();
});
