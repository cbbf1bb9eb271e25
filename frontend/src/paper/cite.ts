// How a place of the paper, a number of its text, and an issue on GitHub, are written.
import { counted } from "../units";

/** "4.2" → "sec. 4.2"; "Table 1" and "Footnote 3" say themselves what they are. */
export const cited = (section: string): string => (/^\d/.test(section) ? `sec. ${section}` : section);

/** "pytorch/vision#191" → its address; GitHub leads from an issue's to a pull request's. */
export const issueAddress = (issue: string): string => `https://github.com/${issue.replace("#", "/issues/")}`;

/** A number of the text with its unit: [32000, 48000] iterations → "32,000, 48,000 iterations"; none → "". */
export function stated(
  value: number | readonly number[] | null | undefined,
  unit: string | null | undefined,
) {
  if (value == null) return "";
  const numbers = typeof value === "number" ? [value] : value;
  const text = numbers.map((one) => (one >= 10_000 ? counted(one) : String(one))).join(", ");
  if (!unit) return text;
  return unit.startsWith("10") ? `${text} × ${unit}` : `${text} ${unit}`;
}

/** Where a key's value stands: "table-6:ResNet-110:error" → { table: 6 }; "statement:warmup-lr" → its statement. */
export function placeOf(key: string): { table: number } | { statement: string } {
  const table = key.match(/^table-(\d+):/);
  return table ? { table: Number(table[1]) } : { statement: key.replace("statement:", "") };
}
