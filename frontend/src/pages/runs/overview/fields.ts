// What runs can be grouped by and drawn against: their network, any field of the specification, and their results.
import type { Run } from "../../../api/types";
import { networkName, networkOf } from "../../../paper/network";
import { fieldText, fieldTitle, type SpecField } from "../../../run/spec";

const SPEC_GROUPS: readonly SpecField[] = [
  "depth",
  "shortcut",
  "dataset",
  "lr",
  "batch_size",
  "weight_decay",
  "iterations",
  "augment",
  "precision",
  "schedule",
  "warmup",
  "train_images",
];

type Group = { name: string; title: string; of: (run: Run) => string };

export const GROUPS: readonly Group[] = [
  { name: "network", title: "network", of: ({ spec }) => networkName(spec) },
  ...SPEC_GROUPS.map((field) => ({
    name: field,
    title: fieldTitle(field),
    of: ({ spec }: Run) => fieldText(spec[field]),
  })),
  { name: "owner", title: "owner", of: ({ owner }) => owner },
  { name: "project", title: "project", of: ({ project }) => project },
  { name: "tags", title: "tags", of: ({ tags }) => tags.join(", ") || "none" },
];

export type Quantity = { name: string; title: string; of: (run: Run) => number | null };

/** Errors are those of runs that have succeeded: one still training has no result yet. */
export const QUANTITIES: readonly Quantity[] = [
  {
    name: "test_error",
    title: "test error (%)",
    of: ({ status, last }) => (status === "succeeded" ? last.test_error : null),
  },
  {
    name: "val_error",
    title: "validation error (%)",
    of: ({ status, last }) => (status === "succeeded" ? last.val_error : null),
  },
  {
    name: "train_error",
    title: "training error (%)",
    of: ({ status, train_error }) => (status === "succeeded" ? train_error : null),
  },
  { name: "depth", title: "depth", of: ({ spec }) => networkOf(spec).depth },
  { name: "parameters", title: "parameters", of: ({ parameters }) => parameters },
  { name: "multiply_adds", title: "multiply-adds", of: ({ multiply_adds }) => multiply_adds },
  { name: "lr", title: "learning rate", of: ({ spec }) => spec.lr ?? null },
  { name: "weight_decay", title: "weight decay", of: ({ spec }) => spec.weight_decay ?? null },
  { name: "batch_size", title: "batch size", of: ({ spec }) => spec.batch_size ?? null },
  { name: "iterations", title: "iterations", of: ({ iterations }) => iterations },
  { name: "images_per_s", title: "images/s", of: ({ images_per_s }) => images_per_s },
];

export const groupNamed = (name: string | undefined): Group =>
  GROUPS.find((group) => group.name === name) ?? (GROUPS[0] as Group);
export const quantityNamed = (name: string | undefined, byDefault: string): Quantity =>
  QUANTITIES.find((quantity) => quantity.name === name) ??
  (QUANTITIES.find((quantity) => quantity.name === byDefault) as Quantity);
