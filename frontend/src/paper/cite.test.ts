import { expect, test } from "vitest";
import { cited, issueAddress, placeOf, stated } from "./cite";

test('a numbered section gets "sec.", a table or a footnote stays as it is', () => {
  expect(cited("4.2")).toBe("sec. 4.2");
  expect(cited("Table 1")).toBe("Table 1");
});

test("an issue's short name links to GitHub", () => {
  expect(issueAddress("pytorch/vision#191")).toBe("https://github.com/pytorch/vision/issues/191");
});

test("numbers keep their unit, and several are separated by commas", () => {
  expect(stated([12_000, 18_000], "iterations")).toBe("12,000, 18,000 iterations");
  expect(stated(0.5, null)).toBe("0.5");
  expect(stated(3.6, "10⁹ multiply-adds")).toBe("3.6 × 10⁹ multiply-adds");
  expect(stated(null, "%")).toBe("");
});

test("a key is located in its table or its statement", () => {
  expect(placeOf("table-6:Maxout [10]:error")).toEqual({ table: 6 });
  expect(placeOf("statement:warmup-lr")).toEqual({ statement: "warmup-lr" });
});
