// The study's runs by network, with their live progress.
import { Box, Table, type TableTdProps, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Run, Study, StudyMember } from "../../api/types";
import { ProgressLine } from "../../run/ProgressLine";
import { StatusBadge } from "../../run/StatusBadge";
import { studyRunsQuery } from "../../study/queries";
import { TextLink } from "../../ui/TextLink";

export function Members({ study }: { study: Study }) {
  const { data } = useQuery(studyRunsQuery(study.id));
  const isDetection = study.kind === "detect";
  const live = new Map(data?.items.map((run) => [run.id, run]));
  return (
    <>
      <Table.ScrollContainer minWidth={0} type="native">
        <Table aria-label="runs of the study" verticalSpacing="xs" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Run</Table.Th>
              <Table.Th>Status</Table.Th>
              {!isDetection && (
                <Table.Th visibleFrom="sm" ta="right">
                  Training error (%)
                </Table.Th>
              )}
              <Table.Th ta="right">{isDetection ? "Test mAP (%)" : "Test error (%)"}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {study.members.map((member) => (
              <Row
                key={`${member.label} ${member.seed}`}
                member={member}
                isDetection={isDetection}
                run={member.run === null ? undefined : live.get(member.run)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {!isDetection && (
        <Text visibleFrom="sm" size="xs" c="dimmed">
          Training error: mean over the last 20 mini-batches.
        </Text>
      )}
    </>
  );
}

/** `run` has live progress and the time left; without it, the row shows the study's own copy. */
function Row({
  member,
  run,
  isDetection,
}: {
  member: StudyMember;
  run: Run | undefined;
  isDetection: boolean;
}) {
  const { label, seed, reused, run: id } = member;
  if (id === null || member.status === null) return <DeletedRow member={member} />;
  const { status, iteration, iterations } = member;
  const progress = run ?? { status, iteration: iteration ?? 0, iterations: iterations ?? 1 };
  return (
    <Table.Tr>
      <Table.Td>
        <TextLink to="/runs/$runId" params={{ runId: id }} size="sm">
          {label}, seed {seed}
        </TextLink>
        {progress.status !== "succeeded" && (
          <Box maw={320}>
            <ProgressLine run={progress} />
          </Box>
        )}
        {reused && (
          <Text size="xs" c="dimmed">
            reused
          </Text>
        )}
      </Table.Td>
      <Table.Td miw={90}>
        <StatusBadge status={progress.status} reason={run?.reason} />
      </Table.Td>
      {isDetection ? (
        <PercentCell value={run?.last.test_map ?? member.test_map} />
      ) : (
        <>
          <PercentCell value={run?.train_error ?? member.train_error} visibleFrom="sm" />
          <PercentCell value={run?.last.test_error ?? member.test_error} />
        </>
      )}
    </Table.Tr>
  );
}

function DeletedRow({ member: { label, seed } }: { member: StudyMember }) {
  return (
    <Table.Tr>
      <Table.Td>
        {label}, seed {seed}
      </Table.Td>
      <Table.Td colSpan={3}>
        <Text size="sm" c="dimmed">
          deleted
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}

function PercentCell({
  value,
  ...props
}: { value: number | null | undefined } & Pick<TableTdProps, "visibleFrom">) {
  return (
    <Table.Td {...props} ta="right" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
      {value?.toFixed(2) ?? "–"}
    </Table.Td>
  );
}
