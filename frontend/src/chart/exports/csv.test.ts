import { expect, test } from "vitest";
import { csvOf } from "./csv";

test("a name that a spreadsheet would take for a formula stays text", () => {
  expect(csvOf([["=cmd|' /C calc'!A0", -1.5, undefined]])).toBe("'=cmd|' /C calc'!A0,-1.5,\r\n");
});

test("quotes, commas and lines are quoted", () => {
  expect(csvOf([['a "b", c', "d\ne"]])).toBe('"a ""b"", c","d\ne"\r\n');
});
