// The protocol field by field: unknown, as in the paper, or another value. Unknown is the default.
import { Grid, Select, Stack, Text, TextInput } from "@mantine/core";
import { fieldText, fieldTitle } from "../../run/spec";
import { type Choice, fieldsToDeclare } from "./declaration";
import type { Editing } from "./ImportPage";

type Props = Editing & { paper: Record<string, unknown> | undefined };

export function Protocol({ draft, change, paper }: Props) {
  if (!paper)
    return (
      <Text size="sm" c="dimmed">
        Choose the data set, depth and shortcut first. Then each field appears with the paper's value.
      </Text>
    );
  return (
    <Stack gap="xs">
      {fieldsToDeclare(paper).map((field) => (
        <FieldChoice key={field} field={field} paper={paper[field]} draft={draft} change={change} />
      ))}
    </Stack>
  );
}

function FieldChoice({ field, paper, draft, change }: Editing & { field: string; paper: unknown }) {
  const { choice, text } = draft.fields[field] ?? { choice: "unknown", text: "" };
  const set = (part: { choice?: Choice; text?: string }) =>
    change({ fields: { ...draft.fields, [field]: { choice, text, ...part } } });
  const title = fieldTitle(field).replace(/^./, (letter) => letter.toUpperCase());
  // The paper has no seed of its own.
  const kept = field === "seed" ? [] : [{ value: "kept", label: `as in the paper: ${fieldText(paper)}` }];
  return (
    <Grid gap="xs" align="end">
      <Grid.Col span={{ base: 12, xs: 7 }}>
        <Select
          label={title}
          size="xs"
          data={[{ value: "unknown", label: "unknown" }, ...kept, { value: "other", label: "another value" }]}
          value={choice}
          allowDeselect={false}
          onChange={(value) => set({ choice: (value ?? "unknown") as Choice })}
        />
      </Grid.Col>
      {choice === "other" && (
        <Grid.Col span={{ base: 12, xs: 5 }}>
          <TextInput
            size="xs"
            aria-label={`${title}, another value`}
            placeholder={field === "schedule" ? "drops at, as 32000, 48000" : "value"}
            value={text}
            onChange={({ currentTarget: { value } }) => set({ text: value })}
          />
        </Grid.Col>
      )}
    </Grid>
  );
}
