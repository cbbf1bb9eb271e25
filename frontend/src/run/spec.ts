// A specification's fields as text, and the fields in which runs differ.
import type { Run } from "../api/types";
import { formatCount } from "../units";

export type SpecField = keyof Run["spec"];
type Specified = Pick<Run, "spec"> & Partial<Pick<Run, "origin">>;

/** Whether nobody said what this field was, which only happens for an import. */
export const isUnknown = ({ origin }: Specified, field: string): boolean =>
  origin?.unknown.includes(field) ?? false;

/** A field's value, or "not said". A seed is a name and not a count, so it has no commas. */
export function specText(run: Specified, field: SpecField): string {
  if (isUnknown(run, field)) return "not said";
  return field === "seed" ? String(run.spec.seed) : fieldText(run.spec[field]);
}

/** "batch_size" → "batch size" */
export const fieldTitle = (field: string): string => field.replaceAll("_", " ");

/** A field's value: 64000 → "64,000", true → "yes", a schedule → "steps · at 32,000, 48,000 · factor 0.1". */
export function fieldText(value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "number") return value >= 1 ? formatCount(value) : String(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length > 0 ? value.map(fieldText).join(", ") : "none";
  if (typeof value === "object") {
    const parts = Object.entries(value).map(([name, part]) =>
      name === "kind" ? fieldText(part) : `${fieldTitle(name)} ${fieldText(part)}`,
    );
    return parts.join(" · ");
  }
  return SHA256.test(String(value)) ? `${String(value).slice(0, 12)}…` : String(value);
}

const SHA256 = /^[0-9a-f]{64}$/;

/** The fields in the specification's order. The API sends exactly the type's keys, so the cast is safe. */
export const fieldsOf = ([first]: readonly Specified[]): SpecField[] =>
  first ? (Object.keys(first.spec) as SpecField[]) : [];

export function differingFields(runs: readonly Specified[]): SpecField[] {
  return fieldsOf(runs).filter(
    (field) =>
      new Set(runs.map((run) => (isUnknown(run, field) ? "not said" : JSON.stringify(run.spec[field]))))
        .size > 1,
  );
}
