// One input for each kind of field of a draft: the paper's value as placeholder, its sentence and the API's message below.
import { NumberInput, Select, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { SpecField } from "../api/client";
import { cited } from "../paper/cite";
import { type ChoiceField, choicesOf, type Draft, type FlagField, type NumberField } from "./draft";
import { CHOICES, FLAGS, NUMBERS } from "./fields";

export type Editing = {
  draft: Draft;
  /** What the service fills in where nothing is typed, by field. */
  defaults: Record<string, unknown>;
  /** What each field is, and the paper's sentence on it, by field. */
  fields: Record<string, SpecField>;
  /** What the paper would call the network. */
  name: string | undefined;
  /** The API's messages by path in the body: "spec.depth". */
  errors: Record<string, string>;
  change: (change: Draft) => void;
};

/** The inputs of a row stay in line, however long the sentences below them are. */
export const ORDER: ("label" | "input" | "error" | "description")[] = [
  "label",
  "input",
  "error",
  "description",
];

/** What is common to all inputs of a field. */
export function about(field: string, { fields, defaults, errors }: Editing) {
  const said = fields[field];
  const family = defaults.family === "imagenet" ? "imagenet" : "cifar";
  return {
    inputWrapperOrder: ORDER,
    description: said && <Said what={said.about} sentence={said[family]} />,
    error: messageAt(`spec.${field}`, errors),
  };
}

function Said({ what, sentence }: { what: string; sentence: SpecField["cifar"] }): ReactNode {
  return (
    <>
      {what}
      {sentence && (
        <>
          {" "}
          <q style={{ fontStyle: "italic" }}>{sentence.text}</q> ({cited(sentence.section)})
        </>
      )}
    </>
  );
}

export function NumberOf({ field, editing }: { field: NumberField; editing: Editing }) {
  const { label, step, min, decimals } = NUMBERS[field];
  return (
    <NumberInput
      {...about(field, editing)}
      label={label}
      placeholder={written(editing.defaults[field])}
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

export function ChoiceOf<F extends ChoiceField>({ field, editing }: { field: F; editing: Editing }) {
  const { label } = CHOICES[field];
  const words: Record<string, string> = CHOICES[field].words;
  const choices: readonly string[] = choicesOf(field);
  const byDefault = editing.defaults[field];
  return (
    <Select
      {...about(field, editing)}
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

export function FlagOf({ field, editing }: { field: FlagField; editing: Editing }) {
  const value = editing.draft[field];
  return (
    <Select
      {...about(field, editing)}
      label={FLAGS[field]}
      placeholder={editing.defaults[field] === undefined ? "" : yesNo(editing.defaults[field] === true)}
      data={["yes", "no"]}
      value={value === undefined ? null : yesNo(value)}
      onChange={(chosen) => editing.change({ [field]: chosen === null ? undefined : chosen === "yes" })}
      allowDeselect={false}
      clearable
    />
  );
}

export function DropsOf({ editing }: { editing: Editing }) {
  const schedule = editing.defaults.schedule;
  const planned = schedule && typeof schedule === "object" && "at" in schedule ? schedule.at : undefined;
  return (
    <TextInput
      {...about("schedule", editing)}
      label="Learning-rate drops"
      placeholder={Array.isArray(planned) ? planned.join(", ") || "none" : "on a plateau of the error"}
      value={editing.draft.drops ?? ""}
      onChange={(event) => editing.change({ drops: event.currentTarget.value || undefined })}
    />
  );
}

/** The message of a field or of anything inside it: spec.schedule, spec.schedule.at. */
function messageAt(field: string, errors: Record<string, string>): string | undefined {
  return Object.entries(errors).find(([path]) => path === field || path.startsWith(`${field}.`))?.[1];
}

const written = (value: unknown): string => (value == null ? "" : String(value));
const yesNo = (value: boolean): string => (value ? "yes" : "no");
