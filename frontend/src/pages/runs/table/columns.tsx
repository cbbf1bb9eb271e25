// The columns of the table: results, names, tags and notes, and every field of the specification.
import { Badge, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Run } from "../../../api/types";
import { forbidsComparison } from "../../../paper/severity";
import { RunState } from "../../../run/RunState";
import { StatusBadge } from "../../../run/StatusBadge";
import { differingFields, fieldsOf, fieldTitle, type SpecField, specText } from "../../../run/spec";
import { ago, formatCount, magnitude, moment, pluralize } from "../../../units";
import { FromPaper } from "./FromPaper";
import { Sparkline } from "./Sparkline";
import styles from "./table.module.css";

export type Column = {
  id: string;
  title: string;
  /** The unit of its numbers, which only the head shows. */
  unit?: string;
  /** Pixels. */
  width: number;
  isNumber?: boolean;
  /** The API's name of the column, where it can sort by it, and the order of the first click. */
  sort?: { by: string; first: "up" | "down" };
  cell: (run: Run) => ReactNode;
};

// The results come first: on a narrow screen, what comes last is reached by scrolling.
export const DEFAULT = ["test_error", "paper", "curve", "progress", "train_error", "created_at", "val_error"];

export const NAME: Omit<Column, "cell"> = {
  id: "name",
  title: "Run",
  width: 220,
  sort: { by: "name", first: "up" },
};

const error = (id: string, title: string, value: (run: Run) => number | null): Column => ({
  id,
  title,
  unit: "%",
  width: 124,
  isNumber: true,
  sort: { by: id, first: "up" },
  cell: (run) => valueOrDash(value(run), errorText),
});

/** The unit is in the head, so that the decimal points stand below each other. */
const errorText = (value: number): string => value.toFixed(2);

/** The lowest of many evaluations is lower by chance alone, so it says how many. */
const lowest = (id: string, title: string, value: (run: Run) => number | null): Column => ({
  ...error(id, title, value),
  width: 196,
  cell: (run) =>
    valueOrDash(value(run), (v) => `${errorText(v)} of ${pluralize(run.best.evaluations, "evaluation")}`),
});

/** A detector's mean average precision. */
const map = (id: string, title: string, value: (run: Run) => number | null | undefined): Column => ({
  ...error(id, title, (run) => value(run) ?? null),
  sort: { by: id, first: "down" },
});

const time = (id: "created_at" | "started_at" | "finished_at", title: string): Column => ({
  id,
  title,
  width: 116,
  isNumber: true,
  sort: { by: id, first: "down" },
  cell: ({ [id]: at }) => at && <span title={moment(at)}>{ago(at, Date.now())}</span>,
});

const text = (id: "owner" | "project", title: string): Column => ({
  id,
  title,
  width: 110,
  sort: { by: id, first: "up" },
  cell: ({ [id]: value }) => value,
});

const number = (id: "parameters" | "multiply_adds" | "images_per_s" | "priority", title: string): Column => ({
  id,
  title,
  width: 116,
  isNumber: true,
  sort: { by: id, first: "down" },
  cell: ({ [id]: value }) =>
    valueOrDash(
      value,
      id === "parameters" || id === "multiply_adds" ? magnitude : (v) => formatCount(Math.round(v)),
    ),
});

const RESULTS: readonly Column[] = [
  {
    id: "status",
    title: "Status",
    width: 160,
    sort: { by: "status", first: "up" },
    cell: (run) => <StatusBadge status={run.status} reason={run.reason} />,
  },
  {
    id: "progress",
    title: "State",
    width: 248, // "19 of 19 in the queue, waiting for a worker"
    sort: { by: "status", first: "up" },
    cell: (run) => <RunState run={run} />,
  },
  {
    id: "iteration",
    title: "Iterations done",
    width: 124,
    isNumber: true,
    sort: { by: "iteration", first: "down" },
    cell: ({ iteration }) => formatCount(iteration),
  },
  { id: "curve", title: "Training curve", width: 124, cell: (run) => <Sparkline run={run} /> },
  error("train_error", "Training error", (run) => run.train_error),
  error("val_error", "Validation error", (run) => run.last.val_error),
  lowest("best_val_error", "Lowest validation error", (run) => run.best.val_error),
  {
    ...error("test_error", "Test error", (run) => run.last.test_error),
    cell: (run) =>
      run.last.test_map === null || run.last.test_map === undefined
        ? valueOrDash(run.last.test_error, errorText)
        : `mAP ${errorText(run.last.test_map)}`,
  },
  map("test_map", "Test mAP", (run) => run.last.test_map),
  map("best_test_map", "Highest test mAP", (run) => run.best.test_map),
  map("val_map", "Validation mAP", (run) => run.last.val_map),
  map("best_val_map", "Highest validation mAP", (run) => run.best.val_map),
  {
    id: "paper",
    title: "From paper",
    unit: "points",
    width: 132,
    isNumber: true,
    cell: (run) => <FromPaper run={run} />,
  },
  lowest("best_test_error", "Lowest test error", (run) => run.best.test_error),
  time("created_at", "Created"),
  time("started_at", "Started"),
  time("finished_at", "Ended"),
  {
    id: "queue_position",
    title: "Queue position",
    width: 120,
    isNumber: true,
    cell: (run) => run.queue_position,
  },
  number("priority", "Priority"),
  {
    id: "tags",
    title: "Tags",
    width: 150,
    cell: ({ tags }) => tags.map((tag) => <Tag key={tag} tag={tag} />),
  },
  { id: "notes", title: "Notes", width: 160, cell: ({ notes }) => <span title={notes}>{notes}</span> },
  text("owner", "Owner"),
  text("project", "Project"),
  number("parameters", "Parameters"),
  number("multiply_adds", "Multiply-adds"),
  number("images_per_s", "Images/s"),
  {
    id: "departures",
    title: "Departures",
    width: 130,
    cell: ({ departures: findings }) => {
      const departures = findings.filter(forbidsComparison);
      return departures.length === 0 ? null : (
        <Text
          span
          size="sm"
          c="var(--reslab-departure)"
          title={departures.map(({ message }) => message).join("; ")}
        >
          ▲ {departures.map(({ field }) => fieldTitle(field)).join(", ")}
        </Text>
      );
    },
  },
];

const SPEC = "spec.";

/** A column's title by the API's name, as in the columns menu. */
export const titleOf = (name: string): string =>
  [NAME, ...RESULTS].find(({ id }) => id === name)?.title ?? headTitle(name);

const headTitle = (field: string): string =>
  fieldTitle(field).replace(/^./, (letter) => letter.toUpperCase());

/** Every column; the specification's columns come last. */
export const columnsOf = (runs: readonly Run[]): Column[] => [
  ...RESULTS,
  ...fieldsOf(runs).map((field) => specColumn(field, typeof runs[0]?.spec[field] === "number")),
];

// Keeps each column the same object, so that rows are drawn again only where their columns have changed.
const SPEC_COLUMNS = new Map<string, Column>();

function specColumn(field: SpecField, isNumber: boolean): Column {
  const column = SPEC_COLUMNS.get(`${field} ${isNumber}`) ?? {
    id: SPEC + field,
    title: headTitle(field),
    width: isNumber ? 104 : 130,
    isNumber,
    sort: { by: field, first: "up" },
    cell: (run) => specText(run, field),
  };
  SPEC_COLUMNS.set(`${field} ${isNumber}`, column);
  return column;
}

/** The chosen columns in order; with `differing`, of the specification only the fields in which these runs differ. */
export function visibleColumns(
  runs: readonly Run[],
  chosen: readonly string[],
  fields: "differing" | undefined,
): Column[] {
  const all = columnsOf(runs);
  const ids = fields
    ? [...differingFields(runs).map((field) => SPEC + field), ...chosen.filter((id) => !id.startsWith(SPEC))]
    : chosen;
  return ids.flatMap((id) => all.find((column) => column.id === id) ?? []);
}

function Tag({ tag }: { tag: string }) {
  return (
    <Badge variant="default" fw={400} mr={4}>
      {tag}
    </Badge>
  );
}

function valueOrDash(value: number | null, text: (value: number) => string): ReactNode {
  return value === null ? <span className={styles.absent}>–</span> : text(value);
}
