import { expect, test } from "vitest";
import { moveColumn, readChoice, toggleColumn } from "./choice";
import { DEFAULT } from "./columns";

test("a column moves by one step, and stays where it is at the end", () => {
  expect(moveColumn(["a", "b", "c"], "b", 1)).toEqual(["a", "c", "b"]);
  expect(moveColumn(["a", "b", "c"], "b", -1)).toEqual(["b", "a", "c"]);
  expect(moveColumn(["a", "b", "c"], "c", 1)).toEqual(["a", "b", "c"]);
  expect(moveColumn(["a"], "z", 1)).toEqual(["a"]);
});

test("a stored choice that can't be read gives the defaults", () => {
  expect(readChoice('["status","status","spec.lr"]')).toEqual(["status", "spec.lr"]);
  expect(readChoice("[1]")).toEqual(DEFAULT);
  expect(readChoice("{")).toEqual(DEFAULT);
  expect(readChoice(undefined)).toEqual(DEFAULT);
});

test("a column is added at the end, and removed where it is", () => {
  expect(toggleColumn(["a", "b"], "c")).toEqual(["a", "b", "c"]);
  expect(toggleColumn(["a", "b", "c"], "a")).toEqual(["b", "c"]);
});
