// One table as printed. A chosen number is explained beside it, with the recipes that test it and your runs.
import { Grid, Group, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import type { PaperTable, PaperValue } from "../../api/types";
import { citation } from "../../paper/cite";
import { tableQuery, tablesQuery } from "../../paper/queries";
import styles from "../../paper/table.module.css";
import { QueryView } from "../../ui/QueryView";
import { TextLink } from "../../ui/TextLink";
import { ValueDetail } from "./ValueDetail";

type PrintedTable = PaperTable["table"];

export function TablePage() {
  const { number } = useParams({ from: "/paper/tables/$number" });
  const { cell } = useSearch({ from: "/paper/tables/$number" });
  return (
    <QueryView query={useQuery(tableQuery(number))} what="table">
      {({ table, values }) => {
        const choice = values.find(({ key }) => key === cell);
        return (
          <>
            <Caption table={table} />
            <Grid gap="xl">
              <Grid.Col span={{ base: 12, md: choice ? 8 : 12 }}>
                <PrintedNumbers table={table} values={values} choice={choice} />
                {table.note && (
                  <Text size="sm" c="dimmed" mt="sm" maw={720}>
                    {table.note}
                  </Text>
                )}
                {!choice && (
                  <Text size="sm" c="dimmed" mt="sm">
                    Choose a number to see how it was measured, which recipe tests it, and how your runs
                    compare.
                  </Text>
                )}
              </Grid.Col>
              {choice && (
                <Grid.Col span={{ base: 12, md: 4 }}>
                  <ValueDetail value={choice} />
                </Grid.Col>
              )}
            </Grid>
          </>
        );
      }}
    </QueryView>
  );
}

function Caption({ table }: { table: PrintedTable }) {
  const { data } = useQuery(tablesQuery);
  const last = data?.items.length ?? table.number;
  return (
    <Group justify="space-between">
      <div>
        <Title order={2}>
          Table {table.number}. {table.title}
        </Title>
        <Text size="xs" c="dimmed">
          {citation(table.section)}
        </Text>
        <Text size="sm">{table.training}</Text>
      </div>
      <Group gap="md">
        {table.number > 1 && <Neighbour number={table.number - 1} />}
        {table.number < last && <Neighbour number={table.number + 1} />}
      </Group>
    </Group>
  );
}

function Neighbour({ number }: { number: number }) {
  return (
    <TextLink size="sm" to="/paper/tables/$number" params={{ number }}>
      Table {number}
    </TextLink>
  );
}

type Numbers = { table: PrintedTable; values: readonly PaperValue[]; choice: PaperValue | undefined };

function PrintedNumbers({ table, values, choice }: Numbers) {
  const at = new Map(values.map((value) => [value.key, value]));
  return (
    <Table.ScrollContainer minWidth={0} type="native">
      <Table
        aria-label={`Table ${table.number} as printed`}
        className={styles.filled}
        w="auto"
        miw={320}
        highlightOnHover
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th />
            {table.columns.map((column) => (
              <Table.Th key={column.name} ta="right">
                {column.name}
                {column.unit && (
                  <Text span size="xs" c="dimmed" fw={400}>
                    {" "}
                    ({column.unit})
                  </Text>
                )}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {table.rows.map((row) => (
            <Table.Tr key={row.label}>
              <Table.Th fw={400}>{row.label}</Table.Th>
              {table.columns.map(({ name }) => (
                <Table.Td key={name} ta="right" style={{ fontVariantNumeric: "tabular-nums" }}>
                  <PrintedCell
                    value={at.get(`table-${table.number}:${row.label}:${name}`)}
                    text={row.cells[name]?.text}
                    isChosen={choice?.row === row.label && choice.column === name}
                  />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

type CellOf = { value: PaperValue | undefined; text: string | null | undefined; isChosen: boolean };

/** A number links to its details and is bold if a recipe tests it; a dash where the paper prints nothing. */
function PrintedCell({ value, text, isChosen }: CellOf) {
  if (!value) return <Text span={true}>{text ?? "–"}</Text>;
  return (
    <TextLink
      to="/paper/tables/$number"
      params={{ number: value.table }}
      search={{ cell: isChosen ? undefined : value.key }}
      replace
      resetScroll={false}
      size="sm"
      c={value.recipes.length > 0 ? undefined : "inherit"}
      fw={value.recipes.length > 0 ? 600 : 400}
      style={{
        whiteSpace: value.printed.length > 24 ? "normal" : "nowrap",
        ...(isChosen && { outline: "2px solid currentColor", outlineOffset: 4 }),
      }}
      aria-current={isChosen ? "true" : undefined}
    >
      {value.printed}
    </TextLink>
  );
}
