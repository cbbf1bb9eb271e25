// The compared runs as a table: their differing fields or all fields, errors, verdicts and departures.
import { ActionIcon, Anchor, Checkbox, Group, Table, Text, Title } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { Run } from "../../api/types";
import { namesOf } from "../../comparison/names";
import { looksOf } from "../../comparison/overlayFigure";
import { isOpen } from "../../run/progress";
import { formatCount } from "../../units";
import { CopyTable } from "./CopyTable";
import { type Column, columnsOf, departuresOf } from "./differenceColumns";
import { type RunVerdict, verdictQuery } from "./queries";

export function Differences({ runs }: { runs: readonly Run[] }) {
  const fields = useSearch({ from: "/compare", select: ({ fields }) => fields });
  const navigate = useNavigate({ from: "/compare" });
  const verdicts = useVerdicts(runs);
  const columns = columnsOf(runs, { fields, verdicts });
  const names = namesOf(runs);
  const text = {
    head: ["run", ...columns.map(({ title }) => title)],
    rows: runs.map((run) => [names.get(run.id), ...columns.map((column) => column.of(run))]),
  };
  // The remaining runs keep their colours, which are given out within the set.
  const drop = (id: string) =>
    navigate({
      search: (before) => ({
        ...before,
        run: before.run.filter((other) => other !== id),
        hue: [...looksOf(runs, before)].flatMap(([run, { key, hue }]) =>
          run === id ? [] : [`${key}:${hue}`],
        ),
      }),
    });
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Differences</Title>
        <Group gap="md">
          <Checkbox
            size="xs"
            label="Show all fields"
            checked={fields === "all"}
            onChange={({ target }) =>
              navigate({
                search: (before) => ({ ...before, fields: target.checked ? "all" : undefined }),
                resetScroll: false,
              })
            }
          />
          <CopyTable label="differences" table={text} />
        </Group>
      </Group>
      <Table.ScrollContainer minWidth={300} type="native">
        <Table aria-label="differences" verticalSpacing={4} horizontalSpacing={6} fz="xs" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th className="pinned">Run</Table.Th>
              {columns.map(({ title, isNumber }) => (
                <Table.Th
                  key={title}
                  ta={isNumber ? "right" : "left"}
                  miw={title.length > 12 ? 110 : undefined}
                >
                  {title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody style={{ fontVariantNumeric: "tabular-nums" }}>
            {runs.map((run) => (
              <Table.Tr key={run.id}>
                <Table.Th className="pinned" style={{ whiteSpace: "nowrap", fontWeight: 400 }}>
                  <ActionIcon
                    size="sm"
                    variant="subtle"
                    color="gray"
                    mr={4}
                    onClick={() => drop(run.id)}
                    aria-label={`remove ${names.get(run.id)} from the comparison`}
                  >
                    ×
                  </ActionIcon>
                  <Anchor component={Link} to={`/runs/${run.id}`} size="xs" fw={600}>
                    {names.get(run.id)}
                  </Anchor>
                </Table.Th>
                {columns.map((column) => (
                  <Value key={column.title} column={column} run={run} verdict={verdicts.get(run.id)} />
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

type ValueProps = { column: Column; run: Run; verdict: RunVerdict | undefined };

function Value({ column, run, verdict }: ValueProps) {
  const value = column.of(run) ?? "";
  const text = typeof value === "number" ? formatCount(value) : value;
  const isDepartures = column.title.startsWith("departures");
  const why = isDepartures
    ? departuresOf(run)
        .map(({ message }) => message)
        .join("; ")
    : column.title === "verdict"
      ? verdict?.sentence
      : undefined;
  return (
    <Table.Td
      ta={column.isNumber ? "right" : "left"}
      title={why || undefined}
      miw={isDepartures ? 180 : String(text).length > 16 ? 130 : undefined}
      style={{ whiteSpace: column.isNumber ? "nowrap" : undefined }}
    >
      {isDepartures && text !== "" ? (
        <Text span size="xs" c="var(--reslab-departure)">
          ▲ {text}
        </Text>
      ) : (
        text
      )}
    </Table.Td>
  );
}

/** The verdicts on the runs that have ended. */
function useVerdicts(runs: readonly Run[]): ReadonlyMap<string, RunVerdict> {
  const ended = runs.filter((run) => !isOpen(run));
  const answers = useQueries({ queries: ended.map(({ id }) => verdictQuery(id)) });
  return new Map(ended.flatMap(({ id }, index) => (answers[index]?.data ? [[id, answers[index].data]] : [])));
}
