import { expect, test } from "vitest";
import { columnsOf, NAME } from "../table/columns";
import { conditionText, KINDS, operatorsOf, validConditions, validSort } from "./conditionSyntax";

test("an old link's condition on a column that no longer exists is left out", () => {
  const linked = ["lr=0.1", "spec=x", "constructor=1", "schedule=steps", "depth", "stride_in_1x1!=true"];
  expect(validConditions(linked)).toEqual(["lr=0.1", "stride_in_1x1!=true"]);
  expect([validConditions(["spec=x"]), validConditions(undefined)]).toEqual([undefined, undefined]);
});

test("an old link's order by a column that no longer exists is left out", () => {
  expect(["spec_lr", "-tags", "constructor", "", undefined].map(validSort)).toEqual(Array(5).fill(undefined));
  const valid = ["-test_error", "stride_in_1x1", "-schedule", "warmup", "iterations"];
  expect(valid.map(validSort)).toEqual(valid);
});

test("every column with a sort button can be sorted by", () => {
  const sorted = [NAME, ...columnsOf([])].flatMap(({ sort }) => sort?.by ?? []);
  expect(sorted.map(validSort)).toEqual(sorted);
});

test("conditions are kept without duplicates, and as many as an address holds", () => {
  expect(validConditions(["lr=0.1", "depth<20", "lr=0.1"])).toEqual(["lr=0.1", "depth<20"]);
  const many = Array.from({ length: 12 }, (_, depth) => `depth!=${depth}`);
  expect(validConditions(many)).toEqual(many.slice(0, 10));
  expect(validConditions(["name=".padEnd(1100, "x"), "depth<20"])).toEqual(["depth<20"]);
});

test("a condition is shown with its column's title", () => {
  const title = (column: string) => ({ best_test_error: "Lowest test error", name: "Run" })[column] ?? column;
  expect(conditionText("best_test_error<=7", title)).toBe("lowest test error ≤ 7");
  expect(conditionText("lr!=0.1", title)).toBe("lr ≠ 0.1");
  expect(conditionText("name=a<=b", title)).toBe("run = a<=b");
});

test("only numbers and times are compared by greater and less", () => {
  const operators = (column: string) => operatorsOf(KINDS[column] ?? "text").join(" ");
  expect(operators("depth")).toBe("= != < <= > >=");
  expect(operators("created_at")).toBe("= != < <= > >=");
  expect([operators("name"), operators("nesterov"), operators("status")]).toEqual(Array(3).fill("= !="));
});
