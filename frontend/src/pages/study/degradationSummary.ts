// The diagnoses of a study's pairs of depths in one sentence.
import { pluralize } from "../../units";

/** "3 pairs of depths: degradation in 2, no difference found in 1." */
export function summaryOf(diagnoses: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const diagnosis of diagnoses) counts.set(diagnosis, (counts.get(diagnosis) ?? 0) + 1);
  const parts = [...counts].map(([diagnosis, count]) => `${diagnosis} in ${count}`);
  return `${pluralize(diagnoses.length, "pair")} of depths: ${parts.join(", ")}.`;
}
