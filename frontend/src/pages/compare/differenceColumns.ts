// The columns of the table of compared runs: differing fields of the specification, and results.
import type { Finding, Run } from "../../api/types";
import type { Cell } from "../../chart/exports/csv";
import { areDetectors } from "../../comparison/precisions";
import { forbidsComparison } from "../../paper/severity";
import { differingFields, fieldsOf, fieldTitle, specText } from "../../run/spec";
import { errorOf } from "./paperLayout";
import type { RunVerdict } from "./queries";

export type Column = { title: string; isNumber?: boolean; of: (run: Run) => Cell };

/** Departures from the paper's protocol, and what nobody said: the result is not comparable with the paper's. */
export const departuresOf = ({ departures }: Run): Finding[] => departures.filter(forbidsComparison);

type Options = { fields: "all" | undefined; verdicts: ReadonlyMap<string, RunVerdict> };

export const columnsOf = (runs: readonly Run[], { fields, verdicts }: Options): Column[] => [
  ...resultsOf(runs),
  ...(verdicts.size > 0
    ? [
        { title: "paper", of: ({ id }: Run) => verdicts.get(id)?.theirs },
        { title: "verdict", of: ({ id }: Run) => verdicts.get(id)?.outcome },
      ]
    : []),
  ...(fields === "all" ? fieldsOf(runs) : differingFields(runs)).map(
    (field): Column => ({
      title: fieldTitle(field),
      isNumber: runs.every(({ spec }) => typeof spec[field] === "number"),
      of: (run) => specText(run, field),
    }),
  ),
  { title: "status", of: ({ status }) => status },
  { title: "iteration", isNumber: true, of: ({ iteration }) => iteration },
  {
    title: "departures from the paper",
    of: (run) =>
      departuresOf(run)
        .map(({ field }) => fieldTitle(field))
        .join(", "),
  },
];

/** The results before the fields: they are what a narrow screen shows without scrolling. */
function resultsOf(runs: readonly Run[]): Column[] {
  const isAnyValidated = runs.some(({ last }) => last.val_error !== null);
  return [
    ...(runs.some(({ task }) => task === "detection") ? PRECISIONS : []),
    ...(runs.some(({ last }) => last.val_map != null) ? [VALIDATION_PRECISION] : []),
    ...(areDetectors(runs)
      ? []
      : [error("last test error (%)", "test_error"), error("lowest test error (%)", "best_test_error")]),
    ...(isAnyValidated
      ? [
          error("last validation error (%)", "val_error"),
          error("lowest validation error (%)", "best_val_error"),
          { title: "lowest at", isNumber: true, of: ({ best }: Run) => best.val_iteration },
        ]
      : []),
    ...(areDetectors(runs)
      ? []
      : [error("training error, mean of the last 20 mini-batches (%)", "train_error")]),
  ];
}

const error = (title: string, name: Parameters<typeof errorOf>[1]): Column => ({
  title,
  isNumber: true,
  of: (run) => errorOf(run, name)?.toFixed(2),
});

const precision = (title: string, of: (run: Run) => number | null | undefined): Column => ({
  title,
  isNumber: true,
  of: (run) => of(run)?.toFixed(2),
});

const PRECISIONS: readonly Column[] = [
  precision("last test mAP (%)", ({ last }) => last.test_map),
  precision("highest test mAP (%)", ({ best }) => best.test_map),
];
const VALIDATION_PRECISION = precision("last validation mAP (%)", ({ last }) => last.val_map);
