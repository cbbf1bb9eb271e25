import { expect, test } from "vitest";
import { cited, issueAddress, placeOf, stated } from "./cite";

test("a numbered section is called one, a table or a footnote is not", () => {
  expect(cited("4.2")).toBe("sec. 4.2");
  expect(cited("Table 1")).toBe("Table 1");
});

test("an issue's short name leads to GitHub", () => {
  expect(issueAddress("pytorch/vision#191")).toBe("https://github.com/pytorch/vision/issues/191");
});

test("numbers of the text keep their unit, and several stand in a row", () => {
  expect(stated([12_000, 18_000], "iterations")).toBe("12,000, 18,000 iterations");
  expect(stated(0.5, null)).toBe("0.5");
  expect(stated(3.6, "10⁹ multiply-adds")).toBe("3.6 × 10⁹ multiply-adds");
  expect(stated(null, "%")).toBe("");
});

test("a key leads to its table or to its statement", () => {
  expect(placeOf("table-6:Maxout [10]:error")).toEqual({ table: 6 });
  expect(placeOf("statement:warmup-lr")).toEqual({ statement: "warmup-lr" });
});
