// One input for each kind of field of a draft, with the paper's value as placeholder and the API's message below.
import { NumberInput, Select, TextInput } from "@mantine/core";
import { type ChoiceField, choicesOf, type Draft, type NumberField } from "./draft";
import { CHOICES, DROPS, NUMBERS } from "./fields";

export type Editing = {
  draft: Draft;
  /** What the service fills in where nothing is typed, by field. */
  defaults: Record<string, unknown>;
  /** What the paper would call the network. */
  name: string | undefined;
  /** The API's messages by path in the body: "spec.depth". */
  errors: Record<string, string>;
  change: (change: Draft) => void;
};

export function NumberOf({ field, editing }: { field: NumberField; editing: Editing }) {
  const { label, about, step, min, decimals } = NUMBERS[field];
  return (
    <NumberInput
      label={label}
      description={about}
      placeholder={written(editing.defaults[field])}
      value={editing.draft[field] ?? ""}
      onChange={(value) => editing.change({ [field]: value === "" ? undefined : Number(value) })}
      error={editing.errors[`spec.${field}`]}
      step={step}
      min={min}
      allowDecimal={decimals !== undefined}
      {...(decimals === undefined ? {} : { decimalScale: decimals })}
      clampBehavior="none"
    />
  );
}

export function ChoiceOf<F extends ChoiceField>({ field, editing }: { field: F; editing: Editing }) {
  const { label, about } = CHOICES[field];
  const words: Record<string, string> = CHOICES[field].words;
  const choices: readonly string[] = choicesOf(field);
  const byDefault = editing.defaults[field];
  return (
    <Select
      label={label}
      description={about}
      placeholder={typeof byDefault === "string" ? words[byDefault] : undefined}
      data={choices.map((value) => ({ value, label: words[value] ?? value }))}
      value={editing.draft[field] ?? null}
      onChange={(value) => editing.change({ [field]: value ?? undefined })}
      error={editing.errors[`spec.${field}`]}
      allowDeselect={false}
      clearable={field !== "shortcut"}
    />
  );
}

export function DropsOf({ editing }: { editing: Editing }) {
  const schedule = editing.defaults.schedule;
  const planned = schedule && typeof schedule === "object" && "at" in schedule ? schedule.at : undefined;
  return (
    <TextInput
      label={DROPS.label}
      description={DROPS.about}
      placeholder={Array.isArray(planned) ? planned.join(", ") || "none" : ""}
      value={editing.draft.drops ?? ""}
      onChange={(event) => editing.change({ drops: event.currentTarget.value || undefined })}
      error={messageAt("spec.schedule", editing.errors)}
    />
  );
}

/** The message of a field or of anything inside it: spec.schedule, spec.schedule.at. */
function messageAt(field: string, errors: Record<string, string>): string | undefined {
  return Object.entries(errors).find(([path]) => path === field || path.startsWith(`${field}.`))?.[1];
}

const written = (value: unknown): string => (value == null ? "" : String(value));
