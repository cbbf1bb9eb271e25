import { expect, test } from "vitest";
import { cited, issueAddress } from "./cite";

test("a numbered section is called one, a table or a footnote is not", () => {
  expect(cited("4.2")).toBe("sec. 4.2");
  expect(cited("Table 1")).toBe("Table 1");
});

test("an issue's short name leads to GitHub", () => {
  expect(issueAddress("pytorch/vision#191")).toBe("https://github.com/pytorch/vision/issues/191");
});
