// The learning rate: its start, its drops and its warm-up. A choice shows the fields that belong to it.
import { Select, TextInput } from "@mantine/core";
import { choicesOf, type Draft } from "../../form/draft";
import { inputProps } from "../../form/inputs";
import { partOf } from "../../form/paths";
import { type Editing, NumberField } from "./DraftFields";
import { CHOICES } from "./fieldLabels";

type Props = { editing: Editing };

export function RateFields({ editing }: Props) {
  const { draft, defaults, change } = editing;
  const isPlateau = kindOf(editing) === "plateau";
  const hasWarmup = draft.warmup === undefined ? defaults.warmup != null : draft.warmup === "until";
  // A factor alone doesn't make a schedule: the drops that it applies to are sent with it.
  const withSchedule: Editing["change"] = (parts) =>
    change({
      ...parts,
      ...(isPlateau ? { schedule: "plateau" } : { drops: draft.drops ?? defaultDrops(editing) }),
    });
  return (
    <>
      <NumberField field="lr" editing={editing} />
      <ScheduleField editing={editing} />
      {isPlateau ? (
        <>
          <NumberField field="patience" editing={editing} />
          <NumberField field="threshold" editing={editing} />
        </>
      ) : (
        <DropsField editing={editing} />
      )}
      <NumberField field="factor" editing={{ ...editing, change: withSchedule }} />
      <WarmupField editing={editing} />
      {hasWarmup && (
        <>
          <NumberField field="warmup_lr" editing={editing} />
          <NumberField field="warmup_until" editing={editing} />
        </>
      )}
    </>
  );
}

type Kind = NonNullable<Draft["schedule"]>;

const kindOf = ({ draft, defaults }: Editing): Kind =>
  draft.schedule ??
  (draft.drops === undefined && partOf(defaults, "schedule.kind") === "plateau" ? "plateau" : "steps");

/** The iterations that the service fills in, written as a user would type them. */
function defaultDrops({ defaults }: Editing): string | undefined {
  const at = partOf(defaults, "schedule.at");
  return Array.isArray(at) ? at.join(", ") || "none" : undefined;
}

const EMPTY_SCHEDULE: Draft = {
  schedule: undefined,
  drops: undefined,
  factor: undefined,
  patience: undefined,
  threshold: undefined,
};

function ScheduleField({ editing }: Props) {
  const { label, words } = CHOICES.schedule;
  const choose = (kind: Kind | undefined) =>
    editing.change({
      ...EMPTY_SCHEDULE,
      schedule: kind,
      ...(kind && { factor: editing.draft.factor }),
      ...(kind === "steps" && { drops: editing.draft.drops ?? defaultDrops(editing) }),
    });
  return (
    <Select
      {...inputProps("schedule", editing)}
      label={label}
      placeholder={words[kindOf(editing)]}
      data={choicesOf("schedule").map((value) => ({ value, label: words[value] }))}
      value={editing.draft.schedule ?? null}
      onChange={(value) => choose(choicesOf("schedule").find((kind) => kind === value))}
      allowDeselect={false}
      clearable
    />
  );
}

function DropsField({ editing }: Props) {
  return (
    <TextInput
      {...inputProps("schedule.at", editing)}
      label="Learning-rate drops"
      placeholder={defaultDrops(editing) ?? "none"}
      value={editing.draft.drops ?? ""}
      onChange={(event) => editing.change({ drops: event.currentTarget.value || undefined })}
    />
  );
}

function WarmupField({ editing }: Props) {
  const { label, words } = CHOICES.warmup;
  const choices = choicesOf("warmup");
  return (
    <Select
      {...inputProps("warmup", editing)}
      label={label}
      placeholder={words[editing.defaults.warmup == null ? "none" : "until"]}
      data={choices.map((value) => ({ value, label: words[value] }))}
      value={editing.draft.warmup ?? null}
      onChange={(value) =>
        editing.change({
          warmup: choices.find((choice) => choice === value),
          ...(value === "until" ? {} : { warmup_lr: undefined, warmup_until: undefined }),
        })
      }
      allowDeselect={false}
      clearable
    />
  );
}
