// Runs put together by a field: how many there are, how many have a result, and its mean and spread.
import type { Run } from "../../../api/types";
import { differingFields, fieldTitle, isUnknown } from "../../../run/spec";
import { pluralize } from "../../../units";
import { QUANTITIES, type Quantity } from "./fields";

/** `n` runs of the group have the value; `std` is the sample's (n − 1), undefined below two. */
export type Spread = { n: number; mean: number; std: number | undefined; least: number };
export type GroupRow = {
  value: string;
  runs: readonly Run[];
  errors: Readonly<Record<string, Spread | undefined>>;
};

export const ERRORS: readonly Quantity[] = QUANTITIES.slice(0, 3);

const MOST_FIELDS = 4;

/** The groups in the order of their first number, then of their names: ResNet-20 before ResNet-110. */
export function groupsOf(runs: readonly Run[], keyOf: (run: Run) => string): GroupRow[] {
  const groups = new Map<string, Run[]>();
  for (const run of runs) groups.set(keyOf(run), [...(groups.get(keyOf(run)) ?? []), run]);
  return [...groups]
    .map(([value, members]) => ({
      value,
      runs: members,
      errors: Object.fromEntries(ERRORS.map(({ name, of }) => [name, spreadOf(members.map(of))])),
    }))
    .sort((a, b) => a.value.localeCompare(b.value, "en", { numeric: true }));
}

/** What a mean over these runs must be read with: more than seeds differs, a seed comes twice, or some are imports or forks. */
export function cautionsOf(runs: readonly Run[]): string[] {
  const differing = differingFields(runs).filter((field) => field !== "seed");
  const seeds = new Set(runs.map((run) => (isUnknown(run, "seed") ? run.id : run.spec.seed))).size;
  const imported = runs.filter(({ origin }) => origin).length;
  const forks = runs.filter(({ parent_iteration }) => parent_iteration !== null).length;
  return [
    ...(differing.length > 0 ? [`differ in ${firstOf(differing.map(fieldTitle))}`] : []),
    ...(differing.length === 0 && seeds < runs.length ? [`only ${pluralize(seeds, "different seed")}`] : []),
    ...(imported > 0 ? [`${imported} imported`] : []),
    ...(forks > 0 ? [`${pluralize(forks, "fork")} of other runs`] : []),
  ];
}

/** "lr, init, schedule, augment and 9 other fields" */
function firstOf(fields: readonly string[]): string {
  const rest = fields.length - MOST_FIELDS;
  return rest > 1 ? `${fields.slice(0, MOST_FIELDS).join(", ")} and ${rest} other fields` : fields.join(", ");
}

/** Of the values that are there. */
export function spreadOf(values: readonly (number | null)[]): Spread | undefined {
  const measured = values.filter((value) => value !== null);
  const n = measured.length;
  if (n === 0) return undefined;
  const mean = measured.reduce((sum, value) => sum + value, 0) / n;
  const squares = measured.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, std: n > 1 ? Math.sqrt(squares / (n - 1)) : undefined, least: Math.min(...measured) };
}

/** "6.92 ± 0.17"; one run has no spread. */
export const spreadText = ({ mean, std }: Spread): string =>
  std === undefined ? mean.toFixed(2) : `${mean.toFixed(2)} ± ${std.toFixed(2)}`;
