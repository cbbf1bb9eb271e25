import { expect, test } from "vitest";
import { citation, issueAddress, locationOf, numberText } from "./cite";

test('a numbered section gets "sec.", a table or a footnote stays as it is', () => {
  expect(citation("4.2")).toBe("sec. 4.2");
  expect(citation("Table 1")).toBe("Table 1");
});

test("an issue's short name links to GitHub", () => {
  expect(issueAddress("pytorch/vision#191")).toBe("https://github.com/pytorch/vision/issues/191");
});

test("numbers keep their unit, and several are separated by commas", () => {
  expect(numberText([12_000, 18_000], "iterations")).toBe("12,000, 18,000 iterations");
  expect(numberText(5000, "images")).toBe("5,000 images");
  expect(numberText(0.5, null)).toBe("0.5");
  expect(numberText(3.6, "10⁹ multiply-adds")).toBe("3.6 × 10⁹ multiply-adds");
  expect(numberText(null, "%")).toBe("");
});

test("a key is located in its table or its statement", () => {
  expect(locationOf("table-6:Maxout [10]:error")).toEqual({ table: 6 });
  expect(locationOf("statement:warmup-lr")).toEqual({ statement: "warmup-lr" });
});
