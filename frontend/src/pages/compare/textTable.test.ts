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

test("Markdown: no character of a name makes markup or a new column", () => {
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

test("LaTeX: no character of a name is a command", () => {
  const text = FORMATS.LaTeX(table);
  expect(text).toContain("\\begin{tabular}{lr}");
  expect(text).toContain("50 \\% \\& \\$\\textbackslash{}");
  expect(text).toContain("\\textless{}b\\textgreater{}\\_x\\_");
  expect(text).toContain("1.23$\\pm$0.16 \\\\");
});

test("CSV: a spreadsheet doesn't take a name for a formula", () => {
  expect(FORMATS.CSV(table).split("\r\n")[1]).toMatch(/^"'=cmd/);
});

test("notes go along below the table in every format", () => {
  const noted = { ...table, notes: ["Trained on digits, 50 % of it."] };
  expect(FORMATS.Markdown(noted)).toContain("|  |\n\n- Trained on digits, 50 % of it.\n");
  expect(FORMATS.LaTeX(noted)).toContain(
    "\\multicolumn{2}{p{0.9\\linewidth}}{\\footnotesize Trained on digits, 50 \\% of it.} \\\\",
  );
  expect(FORMATS.CSV(noted)).toContain('"Trained on digits, 50 % of it."');
});
