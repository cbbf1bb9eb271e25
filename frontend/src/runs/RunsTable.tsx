// The runs as a table; a narrow screen keeps what a glance needs: name, status, progress.
import { Anchor, Box, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import type { Run } from "../api/client";
import { ago, moment, percent } from "../units";
import { ProgressLine } from "./ProgressLine";
import { StatusBadge } from "./StatusBadge";

export function RunsTable({ runs }: { runs: readonly Run[] }) {
  // Below Mantine's "sm" the status stands under the name: once in the page, wherever it stands.
  const isNarrow = useMediaQuery("(max-width: 47.99em)", false, { getInitialValueInEffect: false });
  return (
    <Table highlightOnHover verticalSpacing="sm" aria-label="runs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Run</Table.Th>
          {!isNarrow && <Table.Th>Status</Table.Th>}
          <Table.Th>Progress</Table.Th>
          <Table.Th visibleFrom="sm" ta="right">
            Train error
          </Table.Th>
          <Table.Th visibleFrom="md" ta="right">
            Validation
          </Table.Th>
          <Table.Th visibleFrom="sm" ta="right">
            Test error
          </Table.Th>
          <Table.Th visibleFrom="md" ta="right">
            Created
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {runs.map((run) => (
          <Row key={run.id} run={run} isNarrow={isNarrow} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ run, isNarrow }: { run: Run; isNarrow: boolean }) {
  const status = <StatusBadge status={run.status} reason={run.reason} />;
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/runs/${run.id}`} fw={600}>
          {run.name}
        </Anchor>
        <Text size="xs" c="dimmed">
          {run.spec.dataset} · seed {run.spec.seed}
        </Text>
        {isNarrow && <Box mt={4}>{status}</Box>}
      </Table.Td>
      {!isNarrow && <Table.Td>{status}</Table.Td>}
      <Table.Td>
        <ProgressLine run={run} />
      </Table.Td>
      <ErrorCell value={run.train_error} visibleFrom="sm" />
      <ErrorCell value={run.last.val_error} visibleFrom="md" />
      <ErrorCell value={run.last.test_error} visibleFrom="sm" />
      <Table.Td visibleFrom="md" ta="right" title={moment(run.created_at)} style={{ whiteSpace: "nowrap" }}>
        {ago(run.created_at, Date.now())}
      </Table.Td>
    </Table.Tr>
  );
}

function ErrorCell({ value, visibleFrom }: { value: number | null | undefined; visibleFrom: "sm" | "md" }) {
  return (
    <Table.Td
      visibleFrom={visibleFrom}
      ta="right"
      style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}
    >
      {value == null ? (
        <Text span c="dimmed">
          –
        </Text>
      ) : (
        percent(value)
      )}
    </Table.Td>
  );
}
