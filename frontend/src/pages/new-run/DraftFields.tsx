// The inputs of a classifier's fields, and what stands below each: what the field means, and the paper's sentence behind
// the mark of its section.
import type { ReactNode } from "react";
import type { SpecField } from "../../api/types";
import { type ChoiceName, choicesOf, type Draft, type FlagName, type NumberName } from "../../form/draft";
import * as inputs from "../../form/inputs";
import { citation } from "../../paper/cite";
import { CHOICES, FLAGS, NUMBERS } from "./fieldLabels";

export type Editing = Omit<inputs.Editing, "draft" | "change"> & {
  draft: Draft;
  change: (change: Draft) => void;
};

type Props<Field> = { field: Field; editing: Editing };

export function NumberField({ field, editing }: Props<NumberName>) {
  const info = NUMBERS[field];
  const isAll = field === "train_images" && editing.defaults.train_images === null;
  return (
    <inputs.NumberEntry
      path={info.path ?? field}
      {...{ field, info, editing }}
      {...(isAll && { unset: "all" })}
    />
  );
}

export const ChoiceField = ({ field, editing }: Props<ChoiceName>) => (
  <inputs.ChoiceEntry
    path={field}
    info={CHOICES[field]}
    choices={choicesOf(field)}
    isRequired={field === "shortcut"}
    {...{ field, editing }}
  />
);

export const FlagField = ({ field, editing }: Props<FlagName>) => (
  <inputs.FlagEntry path={field} info={FLAGS[field]} {...{ field, editing }} />
);

export function FieldHelp({ field, family }: { field: SpecField; family: "cifar" | "imagenet" }): ReactNode {
  const sentence = field[family];
  return (
    <>
      {field.about}
      {sentence && (
        <details>
          <summary>{citation(sentence.section)}</summary>
          <q style={{ fontStyle: "italic" }}>{sentence.text}</q>
        </details>
      )}
    </>
  );
}
