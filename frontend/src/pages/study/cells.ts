// The cells of a study's tables, by the key of the paper's number.
import type { StudyCell } from "../../api/types";

/** Several networks may test one number, hence lists: "table-6:ResNet-20:error" → its cells. */
export function byKey(cells: readonly StudyCell[]): Map<string, StudyCell[]> {
  const byNumber = new Map<string, StudyCell[]>();
  for (const cell of cells) byNumber.set(cell.key, [...(byNumber.get(cell.key) ?? []), cell]);
  return byNumber;
}

/** A cell's outcome in words: its verdict, or whether a count matches the paper's. */
export function outcomeOf({ verdict, is_same }: StudyCell): string {
  if (verdict) return verdict.outcome;
  return is_same ? "matches" : "differs";
}

export const cellId = ({ key, network }: Pick<StudyCell, "key" | "network">): string => `${key} ${network}`;
