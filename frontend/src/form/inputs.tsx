// The inputs of both forms' fields: the default as placeholder, and below it what the field means and the API's message.
import { NumberInput, Select, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { ChoiceInfo, NumberInfo } from "./fieldInfo";
import { messageAt, partOf } from "./paths";

/** The state of a form; a page's own names its draft's fields. */
export type Editing = {
  /** By field; what is left out has the default. */
  draft: Readonly<Record<string, unknown>>;
  /** The values that the service fills in for empty fields. */
  defaults: Record<string, unknown>;
  /** What stands below the input of a field, by its path in a specification. */
  helpOn: (path: string) => ReactNode;
  /** The paper's name for the network. */
  name: string | undefined;
  /** The API's messages by path in the request body: "spec.roi.size". */
  errors: Record<string, string>;
  /** A method, so that a form may take only its own draft's fields. */
  change(change: Record<string, unknown>): void;
};

type Field<Info> = { field: string; path: string; info: Info; editing: Editing };

/** Descriptions come last, so that the inputs of a row stay aligned however long the sentences below them are. */
export const INPUT_ORDER: ("label" | "input" | "error" | "description")[] = [
  "label",
  "input",
  "error",
  "description",
];

/** The props that every input of a field, or of a part of a field ("warmup.lr"), shares. */
export function inputProps(path: string, { helpOn, errors }: Editing) {
  return {
    inputWrapperOrder: INPUT_ORDER,
    description: helpOn(path),
    error: messageAt(`spec.${path}`, errors, !WHOLE.includes(path)),
  };
}

export function NumberEntry({ field, path, info, editing, unset }: Field<NumberInfo> & { unset?: string }) {
  const { label, step, min, decimals } = info;
  return (
    <NumberInput
      {...inputProps(path, editing)}
      label={label}
      placeholder={unset ?? textOf(partOf(editing.defaults, path))}
      value={numberOf(editing.draft[field])}
      onChange={(value) => editing.change({ [field]: value === "" ? undefined : Number(value) })}
      step={step}
      min={min}
      allowDecimal={decimals !== undefined}
      {...(decimals === undefined ? {} : { decimalScale: decimals })}
      clampBehavior="none"
    />
  );
}

type Choice = Field<ChoiceInfo> & { choices: readonly string[]; isRequired?: boolean };

export function ChoiceEntry({ field, path, info, choices, editing, isRequired = false }: Choice) {
  const byDefault = partOf(editing.defaults, path);
  const value = editing.draft[field];
  return (
    <Select
      {...inputProps(path, editing)}
      label={info.label}
      placeholder={typeof byDefault === "string" ? info.words[byDefault] : undefined}
      data={choices.map((value) => ({ value, label: info.words[value] ?? value }))}
      value={typeof value === "string" ? value : null}
      onChange={(value) => editing.change({ [field]: value ?? undefined })}
      allowDeselect={false}
      clearable={!isRequired}
    />
  );
}

export function FlagEntry({ field, path, info: label, editing }: Field<string>) {
  const value = editing.draft[field];
  const byDefault = partOf(editing.defaults, path);
  return (
    <Select
      {...inputProps(path, editing)}
      label={label}
      placeholder={byDefault === undefined ? "" : yesNo(byDefault === true)}
      data={["yes", "no"]}
      value={value === undefined ? null : yesNo(value === true)}
      onChange={(choice) => editing.change({ [field]: choice === null ? undefined : choice === "yes" })}
      allowDeselect={false}
      clearable
    />
  );
}

/** A list of numbers as typed: "24, 48, 96". */
export function ListEntry({ field, path, info: label, editing }: Field<string>) {
  const byDefault = partOf(editing.defaults, path);
  const value = editing.draft[field];
  return (
    <TextInput
      {...inputProps(path, editing)}
      label={label}
      placeholder={Array.isArray(byDefault) ? byDefault.join(", ") || "none" : ""}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => editing.change({ [field]: event.currentTarget.value || undefined })}
    />
  );
}

// The parts of these fields have their own inputs, which show their own messages.
const WHOLE = ["schedule", "warmup"];

const numberOf = (value: unknown): number | "" => (typeof value === "number" ? value : "");
const textOf = (value: unknown): string => (value == null ? "" : String(value));
const yesNo = (value: boolean): string => (value ? "yes" : "no");
