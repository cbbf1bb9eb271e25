// How the file counts, and which of its columns holds which series.
import { Accordion, Group, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import type { ImportPlan } from "../../api/types";
import { type Format, MEASURES, SERIES, type Series } from "./declaration";
import type { Editing } from "./ImportPage";

const FORMATS = [
  { value: "csv", label: "CSV" },
  { value: "tensorboard", label: "TensorBoard" },
  { value: "wandb", label: "W&B" },
];

export function ReadingFields({ draft, change, plan }: Editing & { plan: ImportPlan | undefined }) {
  return (
    <Stack gap="sm">
      <Group grow align="end">
        <Select
          label="Format"
          placeholder="by its content"
          data={FORMATS}
          value={draft.format || null}
          clearable
          onChange={(format) => change({ format: (format ?? "") as Format | "" })}
        />
        <TextInput
          label="Counting column"
          placeholder="iteration, _step, Step …"
          value={draft.stepColumn}
          onChange={({ currentTarget: { value } }) => change({ stepColumn: value })}
        />
      </Group>
      <Group grow align="end">
        <NumberInput
          label="Iterations per step"
          min={1}
          allowDecimal={false}
          value={draft.iterationsPerStep}
          onChange={(value) => change({ iterationsPerStep: Number(value) || 1 })}
        />
        <Select
          label="First step"
          data={["0", "1"]}
          value={String(draft.countsFrom)}
          allowDeselect={false}
          onChange={(value) => change({ countsFrom: value === "0" ? 0 : 1 })}
        />
      </Group>
      <Accordion variant="contained">
        <Accordion.Item value="columns">
          <Accordion.Control>Columns with other names</Accordion.Control>
          <Accordion.Panel>
            <Stack gap="xs">
              {SERIES.map((series) => (
                <ColumnChoice key={series} series={series} draft={draft} change={change} plan={plan} />
              ))}
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Stack>
  );
}

type ColumnProps = Editing & { series: Series; plan: ImportPlan | undefined };

function ColumnChoice({ series, draft, change, plan }: ColumnProps) {
  const column = draft.columns[series];
  const names = [...(plan?.series.map((row) => row.column) ?? []), ...(plan?.others ?? [])];
  const offered = [...new Set([...names, ...(column ? [column.name] : [])])];
  const set = (name: string | null, measure = column?.measure ?? ("error" as const)) => {
    const { [series]: _, ...others } = draft.columns;
    change({ columns: name ? { ...others, [series]: { name, measure } } : others });
  };
  const title = series.replaceAll("_", " ");
  return (
    <Group grow align="end">
      <Select
        size="xs"
        label={title}
        placeholder={series}
        data={offered}
        value={column?.name ?? null}
        clearable
        searchable
        onChange={(name) => set(name)}
      />
      {column && series.endsWith("_error") && (
        <Select
          size="xs"
          aria-label={`what the column of ${title} measures`}
          data={Object.entries(MEASURES).map(([value, label]) => ({ value, label }))}
          value={column.measure}
          allowDeselect={false}
          onChange={(measure) => set(column.name, (measure ?? "error") as typeof column.measure)}
        />
      )}
    </Group>
  );
}
