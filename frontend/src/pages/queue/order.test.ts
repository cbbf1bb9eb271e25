import { expect, test } from "vitest";
import { priorityFor } from "./order";

const waiting = [
  { run: "a", priority: 5 },
  { run: "b", priority: 0 },
  { run: "c", priority: 0 },
];

test("a run that is dragged up goes above where it was let go, one that is dragged down below", () => {
  expect(priorityFor("c", "a", waiting)).toBe(6);
  expect(priorityFor("a", "b", waiting)).toBe(-1);
});

test("where it stands already, or at the end of the range, nothing changes", () => {
  expect(priorityFor("a", "a", waiting)).toBeUndefined();
  expect(priorityFor("b", "x", waiting)).toBeUndefined();
  const top = [
    { run: "a", priority: 100 },
    { run: "b", priority: 100 },
  ];
  expect(priorityFor("b", "a", top)).toBeUndefined();
});
