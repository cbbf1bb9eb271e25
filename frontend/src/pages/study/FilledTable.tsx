// A table of the paper with your results below its numbers. Opening a verdict shows how it was reached.
import { Group, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Fragment } from "react";
import type { Study, StudyCell } from "../../api/types";
import { tableQuery } from "../../paper/queries";
import styles from "../../paper/table.module.css";
import { Arithmetic } from "../../study/Arithmetic";
import { Seeds } from "../../study/Attrition";
import { VerdictBadge } from "../../study/VerdictBadge";
import { TextLink } from "../../ui/TextLink";
import { byKey, cellId, outcomeOf } from "./cells";

type PaperTable = Study["tables"][number];

export function FilledTable({ table, study }: { table: PaperTable; study: Study }) {
  const { cell: openId } = useSearch({ from: "/studies/$studyId" });
  const values = useQuery(tableQuery(table.number)).data?.values;
  const texts = new Map(values?.map(({ key, printed }) => [key, printed]));
  const cells = byKey(study.cells);
  const keyOf = (row: string, column: string) => `table-${table.number}:${row}:${column}`;
  const at = (row: string, column: string) => cells.get(keyOf(row, column)) ?? [];
  // On a phone there is room for what is judged; a count that is the paper's waits for a wider screen.
  const isJudged = (column: string) => table.rows.some(({ label }) => at(label, column).some(isCompared));
  const wideOnly = (column: string) =>
    isJudged(column) || !table.columns.some(({ name }) => isJudged(name)) ? {} : { visibleFrom: "sm" };
  return (
    <>
      <Title order={2}>
        <TextLink
          to="/paper/tables/$number"
          params={{ number: table.number }}
          fz="inherit"
          fw="inherit"
          underline="always"
        >
          Table {table.number}
        </TextLink>
        . {table.title}
      </Title>
      <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
        <Table
          aria-label={`Table ${table.number}, your results beside the paper's`}
          verticalSpacing="xs"
          className={styles.filled}
        >
          <Table.Thead>
            <Table.Tr>
              <Table.Th />
              {table.columns.map(({ name, unit }) => (
                <Table.Th key={name} ta="right" {...wideOnly(name)}>
                  {name}
                  {unit && ` (${unit})`}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {table.rows.map((row) => {
              const ours = table.columns.flatMap(({ name }) => at(row.label, name));
              const openCell = ours.find((cell) => cellId(cell) === openId);
              return (
                <Fragment key={row.label}>
                  <Table.Tr {...(ours.length === 0 && { c: "dimmed" })}>
                    <Table.Th fw={ours.length > 0 ? 600 : 400}>{row.label}</Table.Th>
                    {table.columns.map(({ name }) => (
                      <Table.Td key={name} ta="right" {...wideOnly(name)}>
                        <Text span size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                          {texts.get(keyOf(row.label, name)) ?? row.cells[name]?.text ?? "–"}
                        </Text>
                        {at(row.label, name).map((cell) => (
                          <YourResult key={cellId(cell)} cell={cell} isOpen={cell === openCell} />
                        ))}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                  {openCell?.verdict && (
                    <Table.Tr>
                      <Table.Td colSpan={table.columns.length + 1}>
                        <Arithmetic cell={openCell} verdict={openCell.verdict} />
                      </Table.Td>
                    </Table.Tr>
                  )}
                </Fragment>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        Grey: the paper's number. Below it: your result, as{" "}
        {study.kind === "detect" ? "mean±std" : "best (mean±std)"} over the seeds that have ended.
      </Text>
    </>
  );
}

const isCompared = ({ is_same }: StudyCell): boolean => !is_same;

/**
 * Your result, below the paper's number and like it at the right end, with its verdict and seeds in front of it. The
 * verdict is a link that shows or hides its arithmetic. A count that is the paper's is not repeated, and before anything
 * was measured there is nothing to judge.
 */
function YourResult({ cell, isOpen }: { cell: StudyCell; isOpen: boolean }) {
  if (cell.is_same) return null;
  const outcome = outcomeOf(cell);
  return (
    <Group className={styles.result} gap="xs" justify="flex-end">
      {cell.attrition && <Seeds attrition={cell.attrition} />}
      {cell.ours && cell.verdict && (
        <TextLink
          to="."
          search={(before) => ({ ...before, cell: isOpen ? undefined : cellId(cell) })}
          replace
          resetScroll={false}
          aria-label={`${outcome}: ${isOpen ? "hide" : "show"} the arithmetic for ${cell.network}`}
          aria-expanded={isOpen}
          underline="hover"
        >
          <VerdictBadge outcome={outcome} />
        </TextLink>
      )}
      {cell.ours && !cell.verdict && <VerdictBadge outcome={outcome} />}
      <Text span fw={600} size="sm" style={{ whiteSpace: "nowrap" }} aria-label={`your result: ${cell.ours}`}>
        {cell.ours || "…"}
      </Text>
    </Group>
  );
}
