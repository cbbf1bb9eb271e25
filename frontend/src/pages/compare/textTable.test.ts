import { expect, test } from "vitest";
import { FORMATS } from "./textTable";

const trap = "=cmd|' /C calc'!A0 <b>_x_ 50 % & $\\\n";
const table = {
  head: ["run", "error (%)"],
  rows: [
    [trap, "1.23±0.16"],
    ["plain-20", undefined],
  ],
};

test("Markdown: what a name holds is neither markup nor a column", () => {
  expect(FORMATS.Markdown(table)).toBe(
    [
      "| run | error (%) |",
      "|---|---:|",
      "| =cmd\\|' /C calc'!A0 \\<b\\>\\_x\\_ 50 % \\& \\$\\\\ | 1.23±0.16 |",
      "| plain-20 |  |",
      "",
    ].join("\n"),
  );
});

test("LaTeX: no sign of a name is a command", () => {
  const written = FORMATS.LaTeX(table);
  expect(written).toContain("\\begin{tabular}{lr}");
  expect(written).toContain("50 \\% \\& \\$\\textbackslash{}");
  expect(written).toContain("\\textless{}b\\textgreater{}\\_x\\_");
  expect(written).toContain("1.23$\\pm$0.16 \\\\");
});

test("CSV: a spreadsheet takes no name for a formula", () => {
  expect(FORMATS.CSV(table).split("\r\n")[1]).toMatch(/^"'=cmd/);
});
