import { expect, test } from "vitest";
import { columnsOf, NAME } from "../table/columns";
import { inWords, KINDS, knownOrder, operatorsOf, understood } from "./conditionSyntax";

test("a condition on a column that there is no more is left out of an old link", () => {
  const asked = ["lr=0.1", "spec=x", "constructor=1", "schedule=steps", "depth", "stride_in_1x1!=true"];
  expect(understood(asked)).toEqual(["lr=0.1", "stride_in_1x1!=true"]);
  expect([understood(["spec=x"]), understood(undefined)]).toEqual([undefined, undefined]);
});

test("an order by a column that there is no more is left out of an old link", () => {
  expect(["spec_lr", "-tags", "constructor", "", undefined].map(knownOrder)).toEqual(
    Array(5).fill(undefined),
  );
  const known = ["-test_error", "stride_in_1x1", "-schedule", "warmup", "iterations"];
  expect(known.map(knownOrder)).toEqual(known);
});

test("every column that can be clicked on sorts", () => {
  const sorted = [NAME, ...columnsOf([])].flatMap(({ sort }) => sort?.by ?? []);
  expect(sorted.map(knownOrder)).toEqual(sorted);
});

test("each is kept once, and as many as an address holds", () => {
  expect(understood(["lr=0.1", "depth<20", "lr=0.1"])).toEqual(["lr=0.1", "depth<20"]);
  const many = Array.from({ length: 12 }, (_, depth) => `depth!=${depth}`);
  expect(understood(many)).toEqual(many.slice(0, 10));
  expect(understood(["name=".padEnd(1100, "x"), "depth<20"])).toEqual(["depth<20"]);
});

test("a condition is told as it is written, by its column's title", () => {
  const title = (column: string) => ({ best_test_error: "Best test", name: "Run" })[column] ?? column;
  expect(inWords("best_test_error<=7", title)).toBe("best test ≤ 7");
  expect(inWords("lr!=0.1", title)).toBe("lr ≠ 0.1");
  expect(inWords("name=a<=b", title)).toBe("run = a<=b");
});

test("only what is greater or less is compared so", () => {
  const operators = (column: string) => operatorsOf(KINDS[column] ?? "text").join(" ");
  expect(operators("depth")).toBe("= != < <= > >=");
  expect(operators("created_at")).toBe("= != < <= > >=");
  expect([operators("name"), operators("nesterov"), operators("status")]).toEqual(Array(3).fill("= !="));
});
