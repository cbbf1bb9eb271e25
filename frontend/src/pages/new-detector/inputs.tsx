// The inputs of a detector's fields: the default as placeholder, and below it what the field means and whose value it is.
import { NumberInput, Select, TextInput } from "@mantine/core";
import {
  type ChoiceName,
  choicesOf,
  type DetectorDraft,
  type FlagName,
  type NumberName,
  PATHS,
} from "../../form/detectorDraft";
import { messageAt, partOf } from "../../form/paths";
import { CHOICES, FLAGS, NUMBERS } from "./fieldLabels";

export type Editing = {
  draft: DetectorDraft;
  /** The values that the service fills in for empty fields. */
  defaults: Record<string, unknown>;
  /** Each field's description, by its path. */
  about: Record<string, string>;
  /** The paper's name for the network. */
  name: string | undefined;
  /** The API's messages by path in the request body: "spec.roi.size". */
  errors: Record<string, string>;
  change: (change: DetectorDraft) => void;
};

/** The props that every input of a field shares. Descriptions come last, so that the inputs of a row stay aligned. */
export function inputProps(field: keyof typeof PATHS, { about, errors }: Editing) {
  const path = PATHS[field];
  return {
    inputWrapperOrder: ["label", "input", "error", "description"] as (
      | "label"
      | "input"
      | "error"
      | "description"
    )[],
    description: about[path],
    error: messageAt(`spec.${path}`, errors, true),
  };
}

export function NumberField({ field, editing }: { field: NumberName; editing: Editing }) {
  const { label, step, min, decimals } = NUMBERS[field];
  return (
    <NumberInput
      {...inputProps(field, editing)}
      label={label}
      placeholder={textOf(partOf(editing.defaults, PATHS[field]))}
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
  const byDefault = partOf(editing.defaults, PATHS[field]);
  return (
    <Select
      {...inputProps(field, editing)}
      label={label}
      placeholder={typeof byDefault === "string" ? words[byDefault] : undefined}
      data={choices.map((value) => ({ value, label: words[value] ?? value }))}
      value={editing.draft[field] ?? null}
      onChange={(value) => editing.change({ [field]: value ?? undefined })}
      allowDeselect={false}
      clearable
    />
  );
}

export function FlagField({ field, editing }: { field: FlagName; editing: Editing }) {
  const value = editing.draft[field];
  return (
    <Select
      {...inputProps(field, editing)}
      label={FLAGS[field]}
      placeholder={yesNo(partOf(editing.defaults, PATHS[field]) === true)}
      data={["yes", "no"]}
      value={value === undefined ? null : yesNo(value)}
      onChange={(choice) => editing.change({ [field]: choice === null ? undefined : choice === "yes" })}
      allowDeselect={false}
      clearable
    />
  );
}

/** A list of numbers as typed: "24, 48, 96". */
export function ListField({
  field,
  label,
  editing,
}: {
  field: "sizes" | "drops";
  label: string;
  editing: Editing;
}) {
  const byDefault = partOf(editing.defaults, PATHS[field]);
  return (
    <TextInput
      {...inputProps(field, editing)}
      label={label}
      placeholder={Array.isArray(byDefault) ? byDefault.join(", ") || "none" : ""}
      value={editing.draft[field] ?? ""}
      onChange={(event) => editing.change({ [field]: event.currentTarget.value || undefined })}
    />
  );
}

const textOf = (value: unknown): string => (value == null ? "" : String(value));
const yesNo = (value: boolean): string => (value ? "yes" : "no");
