// The errors that each network reached over its seeds, and what its seeds can decide.
import { Table, type TableTdProps, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Study } from "../../api/types";
import type { Attrition } from "../../study/Attrition";

export function Networks({
  networks,
  deleted_networks,
  registration,
}: Pick<Study, "networks" | "deleted_networks" | "registration">) {
  const outcomes = new Map(registration?.networks.map(({ network, sentence }) => [network, sentence]));
  return (
    <>
      <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
        <Table aria-label="networks of the study" verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th miw={{ base: 120, sm: 200 }}>Network</Table.Th>
              <Table.Th ta="right">Seeds ended</Table.Th>
              <Table.Th visibleFrom="sm" ta="right">
                Training error (%)
              </Table.Th>
              <Table.Th ta="right">Test error (%)</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {networks.map(({ label, attrition, train_error, test_error, plan }) => (
              <Table.Tr key={label}>
                <Table.Td>
                  {label}
                  <Text size="xs" c="dimmed" title={plan.assumption ?? undefined}>
                    {plan.sentence}
                  </Text>
                  <Missing attrition={attrition} />
                  {outcomes.has(label) && <Text size="xs">{outcomes.get(label)}</Text>}
                </Table.Td>
                <Figures>
                  {attrition.counted} of {attrition.planned}
                </Figures>
                <Figures visibleFrom="sm">{train_error || "–"}</Figures>
                <Figures>{test_error || "–"}</Figures>
              </Table.Tr>
            ))}
            {deleted_networks.map(({ label, attrition }) => (
              <Table.Tr key={label}>
                <Table.Td>
                  {label}
                  <Missing attrition={attrition} />
                </Table.Td>
                <Figures>
                  {attrition.counted} of {attrition.planned}
                </Figures>
                <Figures visibleFrom="sm">–</Figures>
                <Figures>–</Figures>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        Best (mean±std) over the seeds that have ended.
        <Text span inherit visibleFrom="sm">
          {" "}
          The training error is averaged over the last tenth of each run.
        </Text>
      </Text>
    </>
  );
}

/** What became of the seeds that do not count. */
function Missing({ attrition }: { attrition: Attrition }) {
  if (attrition.missing.length === 0) return null;
  return <Text size="xs">{attrition.sentence}</Text>;
}

function Figures({ children, ...props }: { children: ReactNode } & Pick<TableTdProps, "visibleFrom">) {
  return (
    <Table.Td {...props} ta="right" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
      {children}
    </Table.Td>
  );
}
