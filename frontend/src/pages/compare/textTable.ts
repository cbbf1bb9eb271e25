// Writes a table as Markdown, LaTeX or CSV. Special characters in a name stay text in all of them.
import { type Cell, csvOf } from "../../chart/exports/csv";

/** `notes` are what the numbers must be read with: they go along, below the table. */
export type TextTable = {
  head: readonly string[];
  rows: readonly (readonly Cell[])[];
  notes?: readonly string[];
};

export const FORMATS = {
  Markdown: markdownOf,
  LaTeX: latexOf,
  CSV: ({ head, rows, notes = [] }: TextTable): string =>
    csvOf([head, ...rows, ...notes.map((note) => [note])]),
} as const;

function markdownOf({ head, rows, notes = [] }: TextTable): string {
  const line = (cells: readonly Cell[]) => `| ${cells.map((cell) => inMarkdown(plain(cell))).join(" | ")} |`;
  const ruler = `|${alignments({ head, rows })
    .map((right) => (right ? "---:|" : "---|"))
    .join("")}`;
  const below = notes.length > 0 ? ["", ...notes.map((note) => `- ${inMarkdown(plain(note))}`)] : [];
  return [line(head), ruler, ...rows.map(line), ...below, ""].join("\n");
}

function latexOf({ head, rows, notes = [] }: TextTable): string {
  const line = (cells: readonly Cell[]) => `${cells.map((cell) => inLatex(plain(cell))).join(" & ")} \\\\`;
  const columns = alignments({ head, rows }).map((right) => (right ? "r" : "l"));
  return [
    `\\begin{tabular}{${columns.join("")}}`,
    "\\hline",
    line(head),
    "\\hline",
    ...rows.map(line),
    "\\hline",
    ...notes.map(
      (note) =>
        `\\multicolumn{${head.length}}{p{0.9\\linewidth}}{\\footnotesize ${inLatex(plain(note))}} \\\\`,
    ),
    "\\end{tabular}",
    "",
  ].join("\n");
}

/** Right-aligns the columns in which every filled cell begins with a digit. */
const alignments = ({ head, rows }: Pick<TextTable, "head" | "rows">): boolean[] =>
  head.map((_, column) => {
    const texts = rows.map((row) => plain(row[column])).filter((text) => text !== "");
    return texts.length > 0 && texts.every((text) => /^\d/.test(text));
  });

const plain = (cell: Cell): string =>
  cell === undefined || cell === null ? "" : String(cell).replaceAll(/\s+/g, " ").trim();

const inMarkdown = (text: string): string => text.replaceAll(/[\\`*_[\]<>|~$&]/g, "\\$&");

const LATEX: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  '"': "\\textquotedbl{}",
  "±": "$\\pm$",
  "×": "$\\times$",
  "−": "$-$",
  "–": "--",
  "…": "\\dots{}",
  "·": "$\\cdot$",
};

const inLatex = (text: string): string =>
  text.replaceAll(/[\\~^<>|"±×−–…·]|[&%$#_{}]/g, (sign) => LATEX[sign] ?? `\\${sign}`);
