// The inputs of a draft's fields: the paper's value as placeholder, and below it what the field means, the API's message,
// and the paper's sentence behind the mark of its section.
import { NumberInput, Select } from "@mantine/core";
import type { ReactNode } from "react";
import type { SpecField } from "../../api/client";
import { type ChoiceName, choicesOf, type Draft, type FlagName, type NumberName } from "../../form/draft";
import { messageAt, partOf } from "../../form/paths";
import { citation } from "../../paper/cite";
import { CHOICES, FLAGS, NUMBERS } from "./fieldLabels";

export type Editing = {
  draft: Draft;
  /** The values that the service fills in for empty fields, by field. */
  defaults: Record<string, unknown>;
  /** Each field's description and the paper's sentence about it, by field. */
  fields: Record<string, SpecField>;
  /** The paper's name for the network. */
  name: string | undefined;
  /** The API's messages by path in the request body: "spec.depth". */
  errors: Record<string, string>;
  change: (change: Draft) => void;
};

/** Descriptions come last, so that the inputs of a row stay aligned however long the sentences below them are. */
export const ORDER: ("label" | "input" | "error" | "description")[] = [
  "label",
  "input",
  "error",
  "description",
];

/** The props that every input of a field, or of a part of a field ("warmup.lr"), shares. */
export function inputProps(field: string, { fields, defaults, errors }: Editing) {
  const info = fields[field];
  const family = defaults.family === "imagenet" ? "imagenet" : "cifar";
  return {
    inputWrapperOrder: ORDER,
    description: info && <FieldHelp what={info.about} sentence={info[family]} />,
    error: messageAt(`spec.${field}`, errors, !WHOLE.includes(field)),
  };
}

function FieldHelp({ what, sentence }: { what: string; sentence: SpecField["cifar"] }): ReactNode {
  return (
    <>
      {what}
      {sentence && (
        <details>
          <summary>{citation(sentence.section)}</summary>
          <q style={{ fontStyle: "italic" }}>{sentence.text}</q>
        </details>
      )}
    </>
  );
}

export function NumberField({ field, editing }: { field: NumberName; editing: Editing }) {
  const { label, step, min, decimals, path = field } = NUMBERS[field];
  const isAll = editing.defaults.train_images === null;
  return (
    <NumberInput
      {...inputProps(path, editing)}
      label={label}
      placeholder={field === "train_images" && isAll ? "all" : textOf(partOf(editing.defaults, path))}
      value={editing.draft[field] ?? ""}
      onChange={(value) => editing.change({ [field]: value === "" ? undefined : Number(value) })}
      step={step}
      min={min}
      allowDecimal={decimals !== undefined}
      {...(decimals === undefined ? {} : { decimalScale: decimals })}
      clampBehavior="none"
    />
  );
}

export function ChoiceField<F extends ChoiceName>({ field, editing }: { field: F; editing: Editing }) {
  const { label } = CHOICES[field];
  const words: Record<string, string> = CHOICES[field].words;
  const choices: readonly string[] = choicesOf(field);
  const byDefault = editing.defaults[field];
  return (
    <Select
      {...inputProps(field, editing)}
      label={label}
      placeholder={typeof byDefault === "string" ? words[byDefault] : undefined}
      data={choices.map((value) => ({ value, label: words[value] ?? value }))}
      value={editing.draft[field] ?? null}
      onChange={(value) => editing.change({ [field]: value ?? undefined })}
      allowDeselect={false}
      clearable={field !== "shortcut"}
    />
  );
}

export function FlagField({ field, editing }: { field: FlagName; editing: Editing }) {
  const value = editing.draft[field];
  return (
    <Select
      {...inputProps(field, editing)}
      label={FLAGS[field]}
      placeholder={editing.defaults[field] === undefined ? "" : yesNo(editing.defaults[field] === true)}
      data={["yes", "no"]}
      value={value === undefined ? null : yesNo(value)}
      onChange={(choice) => editing.change({ [field]: choice === null ? undefined : choice === "yes" })}
      allowDeselect={false}
      clearable
    />
  );
}

// The parts of these fields have their own inputs, which show their own messages.
const WHOLE = ["schedule", "warmup"];

const textOf = (value: unknown): string => (value == null ? "" : String(value));
const yesNo = (value: boolean): string => (value ? "yes" : "no");
