// Writes tables as CSV. Text stays text, also in a spreadsheet that takes "=…" for a formula.
import type { Figure } from "../figure";

export type Cell = string | number | undefined | null;

export const csvOf = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

/** The points that a figure shows, one per row. */
export function pointsOf({ lines, axis }: Figure): Cell[][] {
  const head = ["curve", "iteration", ...(axis === "iteration" ? [] : [axis]), "value", "min", "max", "n"];
  const rows = lines.flatMap((line) =>
    Array.from(line.iteration, (iteration, i) => [
      line.name,
      iteration,
      ...(axis === "iteration" ? [] : [line.points.at[i]]),
      line.points.value[i],
      line.extremes?.least[i],
      line.extremes?.most[i],
      line.n?.[i],
    ]),
  );
  return [head, ...rows];
}

function cell(value: Cell): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const inert = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
