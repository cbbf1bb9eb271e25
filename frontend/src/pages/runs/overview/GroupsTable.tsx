// Groups of runs with mean ± standard deviation and n; a group's name leads to its runs.
import { NativeSelect, Table, Text } from "@mantine/core";
import type { Run } from "../../../api/types";
import { TextLink } from "../../../ui/TextLink";
import { pluralize } from "../../../units";
import { GROUPS, groupNamed, type Quantity } from "./fields";
import { cautionsOf, ERRORS, type GroupRow, groupsOf, spreadText } from "./groups";

type Props = { runs: readonly Run[]; by: string | undefined; onBy: (by: string) => void };

export function GroupsTable({ runs, by, onBy }: Props) {
  const group = groupNamed(by);
  const rows = groupsOf(runs, group.of);
  const measured = ERRORS.filter(({ name }) => rows.some(({ errors }) => errors[name]));
  return (
    <>
      <NativeSelect
        size="xs"
        label="Group by"
        w={200}
        mb="sm"
        data={GROUPS.map(({ name, title }) => ({ value: name, label: title }))}
        value={group.name}
        onChange={({ target }) => onBy(target.value)}
      />
      <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
        <Table aria-label="groups of runs" verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th tt="capitalize">{group.title}</Table.Th>
              <Table.Th ta="right">Runs</Table.Th>
              {measured.map(({ name, title }, nth) => (
                <Table.Th key={name} ta="right" visibleFrom={nth > 0 ? "sm" : undefined}>
                  {title.replace(/^./, (letter) => letter.toUpperCase())}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Row key={row.value} row={row} measured={measured} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

type RowProps = { row: GroupRow; measured: readonly Quantity[] };

function Row({ row: { value, runs, errors }, measured }: RowProps) {
  const cautions = cautionsOf(runs);
  return (
    <Table.Tr>
      <Table.Th fw={500}>
        <Compare runs={runs}>{value}</Compare>
        {cautions.length > 0 && (
          <Text size="xs" fw={400} c="dimmed">
            {cautions.join(" · ")}
          </Text>
        )}
      </Table.Th>
      <Table.Td ta="right">{runs.length}</Table.Td>
      {measured.map(({ name }, nth) => {
        const spread = errors[name];
        return (
          <Table.Td
            key={name}
            ta="right"
            visibleFrom={nth > 0 ? "sm" : undefined}
            style={{ whiteSpace: "nowrap" }}
          >
            {spread ? (
              <>
                {spreadText(spread)}{" "}
                <Text span inherit c="dimmed">
                  n = {spread.n}
                </Text>
              </>
            ) : (
              "–"
            )}
          </Table.Td>
        );
      })}
    </Table.Tr>
  );
}

/** The comparison holds 50 runs; a larger group has no link. */
function Compare({ runs, children }: { runs: readonly Run[]; children: string }) {
  if (runs.length > 50) return children;
  return (
    <TextLink
      to="/compare"
      search={{ run: runs.map(({ id }) => id) }}
      title={`Compare ${pluralize(runs.length, "run")}`}
    >
      {children}
    </TextLink>
  );
}
