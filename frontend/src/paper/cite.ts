// Citations: a section of the paper, a number in its text, an issue on GitHub.
import { formatCount } from "../units";

/** "4.2" → "sec. 4.2"; "Table 1" and "Footnote 3" stay as they are. */
export const citation = (section: string): string => (/^\d/.test(section) ? `sec. ${section}` : section);

/** "pytorch/vision#191" → its address; GitHub redirects an issue's address to the pull request of that number. */
export const issueAddress = (issue: string): string => `https://github.com/${issue.replace("#", "/issues/")}`;

/** A number in the text with its unit: [32000, 48000] iterations → "32,000, 48,000 iterations"; no value → "". */
export function numberText(
  value: number | readonly number[] | null | undefined,
  unit: string | null | undefined,
) {
  if (value == null) return "";
  const numbers = typeof value === "number" ? [value] : value;
  const text = numbers.map((number) => (number >= 1000 ? formatCount(number) : String(number))).join(", ");
  if (!unit) return text;
  return unit.startsWith("10") ? `${text} × ${unit}` : `${text} ${unit}`;
}

/** The location of a key's value: "table-6:ResNet-110:error" → { table: 6 }; "statement:warmup-lr" → its statement. */
export function locationOf(key: string): { table: number } | { statement: string } {
  const table = key.match(/^table-(\d+):/);
  return table ? { table: Number(table[1]) } : { statement: key.replace("statement:", "") };
}
