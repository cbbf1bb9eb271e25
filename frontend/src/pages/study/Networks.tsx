// The errors that each network reached over its seeds, and what its seeds can decide.
import { Table, Text } from "@mantine/core";
import type { Study } from "../../api/client";

export function Networks({ networks }: Pick<Study, "networks">) {
  return (
    <>
      <Table.ScrollContainer minWidth={560} type="native" tabIndex={0}>
        <Table aria-label="networks of the study" verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th miw={200}>Network</Table.Th>
              <Table.Th ta="right">Runs ended</Table.Th>
              <Table.Th ta="right">Training error (%)</Table.Th>
              <Table.Th ta="right">Test error (%)</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {networks.map(({ label, runs, ended, train_error, test_error, plan }) => (
              <Table.Tr key={label}>
                <Table.Td>
                  {label}
                  <Text size="xs" c="dimmed" title={plan.assumption ?? undefined}>
                    {plan.sentence}
                  </Text>
                </Table.Td>
                <Figures>
                  {ended} of {runs}
                </Figures>
                <Figures>{train_error || "–"}</Figures>
                <Figures>{test_error || "–"}</Figures>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        Best (mean±std) over the seeds that have ended. The training error is averaged over the last tenth of
        each run.
      </Text>
    </>
  );
}

function Figures({ children }: { children: React.ReactNode }) {
  return (
    <Table.Td ta="right" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
      {children}
    </Table.Td>
  );
}
