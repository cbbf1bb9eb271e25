// The inputs of a detector's fields.
import {
  type ChoiceName,
  choicesOf,
  type DetectorDraft,
  type FlagName,
  type NumberName,
  PATHS,
} from "../../form/detectorDraft";
import * as inputs from "../../form/inputs";
import { CHOICES, FLAGS, NUMBERS } from "./fieldLabels";

export type Editing = Omit<inputs.Editing, "draft" | "change"> & {
  draft: DetectorDraft;
  change: (change: DetectorDraft) => void;
};

type Props<Field> = { field: Field; editing: Editing };

export const NumberField = ({ field, editing }: Props<NumberName>) => (
  <inputs.NumberEntry path={PATHS[field]} info={NUMBERS[field]} {...{ field, editing }} />
);

export const ChoiceField = ({ field, editing }: Props<ChoiceName>) => (
  <inputs.ChoiceEntry
    path={PATHS[field]}
    info={CHOICES[field]}
    choices={choicesOf(field)}
    {...{ field, editing }}
  />
);

export const FlagField = ({ field, editing }: Props<FlagName>) => (
  <inputs.FlagEntry path={PATHS[field]} info={FLAGS[field]} {...{ field, editing }} />
);

export const ListField = ({ field, label, editing }: Props<"sizes" | "drops"> & { label: string }) => (
  <inputs.ListEntry path={PATHS[field]} info={label} {...{ field, editing }} />
);
