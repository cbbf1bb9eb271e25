// The compared runs in the paper's layout: plain beside residual, one depth per row.
import { Group, NativeSelect, Stack, Table, Text, Title } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ERRORS, type ErrorName } from "../../address/comparison";
import type { Run } from "../../api/types";
import { CopyTable } from "./CopyTable";
import { cellText, columnTitle, layoutsOf, type PaperLayout } from "./paperLayout";

export function Layout({ runs }: { runs: readonly Run[] }) {
  const error = useSearch({ from: "/compare", select: ({ error = "test_error" }) => error });
  const navigate = useNavigate({ from: "/compare" });
  const choices = Object.entries(ERRORS).map(([value, label]) => ({ value, label }));
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={2}>Plain and residual</Title>
        <NativeSelect
          size="xs"
          aria-label="error in the table"
          data={choices}
          value={error}
          onChange={({ target }) =>
            navigate({
              // Its options are the keys of ERRORS.
              search: (before) => ({ ...before, error: target.value as ErrorName }),
              resetScroll: false,
            })
          }
        />
      </Group>
      {layoutsOf(runs, error).map((layout) => (
        <DatasetTable key={`${layout.dataset} ${layout.setting}`} layout={layout} what={ERRORS[error]} />
      ))}
    </Stack>
  );
}

function DatasetTable({ layout, what }: { layout: PaperLayout; what: string }) {
  const { dataset, setting, shortcuts, rows, notes } = layout;
  const on = setting ? `${dataset}, ${setting}` : dataset;
  const label = `plain and residual on ${on}`;
  const caption = `${what} on ${on}, in percent: mean ± standard deviation over n runs`;
  const head = ["layers", ...shortcuts.map(columnTitle)];
  const text = {
    head,
    rows: rows.map(({ depth, cells }) => [depth, ...cells.map((cell) => cell && cellText(cell))]),
    notes: [`${caption}.`, ...notes],
  };
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm">{caption}</Text>
        <CopyTable label={label} table={text} />
      </Group>
      <Table.ScrollContainer minWidth={300} type="native">
        <Table aria-label={label} w="auto" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              {head.map((title) => (
                <Table.Th key={title} ta="right">
                  {title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody style={{ fontVariantNumeric: "tabular-nums" }}>
            {rows.map(({ depth, cells }) => (
              <Table.Tr key={depth}>
                <Table.Th ta="right">{depth}</Table.Th>
                {cells.map((cell, column) => (
                  <Table.Td key={shortcuts[column]} ta="right">
                    {cell ? cellText(cell) : "–"}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {notes.map((note) => (
        <Text key={note} size="xs" c="dimmed">
          {note}
        </Text>
      ))}
    </div>
  );
}
