// The evaluations of a study's weights, which start once all its networks are trained.
import { Table, type TableTdProps, Text } from "@mantine/core";
import type { Study } from "../../api/types";
import { StatusBadge } from "../../run/StatusBadge";
import { TextLink } from "../../ui/TextLink";
import { percent } from "../../units";

type Examination = Study["examinations"][number];

/** What a study measures after training; undefined if it only trains. */
export function afterTraining({ kind, protocol }: Pick<Study, "kind" | "protocol">): string | undefined {
  if (kind === "evaluate") return `each is evaluated (${protocol})`;
  if (kind === "ensemble") return `all are evaluated as an ensemble (${protocol})`;
  return kind === "responses" ? "their layer responses are measured" : undefined;
}

export function Examinations({ study }: { study: Study }) {
  const { examinations, members } = study;
  if (examinations.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Once all networks are trained, {afterTraining(study)}.
      </Text>
    );
  const isDetection = study.kind === "detect";
  const labels = new Map(members.map(({ run, label, seed }) => [run, `${label}, seed ${seed}`]));
  return (
    <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
      <Table aria-label="evaluations of the study" verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Run</Table.Th>
            <Table.Th visibleFrom="sm">Measured</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th ta="right">{isDetection ? "mAP" : "Error"}</Table.Th>
            {!isDetection && (
              <Table.Th visibleFrom="sm" ta="right" style={{ whiteSpace: "nowrap" }}>
                Top-5
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {examinations.map((examination) => (
            <Table.Tr key={`${examination.runs.join()} ${measurementOf(examination)}`}>
              <Table.Td>
                {examination.runs.map((run) => (
                  <TextLink key={run} to="/runs/$runId" params={{ runId: run }} size="sm" display="block">
                    {labels.get(run)}
                  </TextLink>
                ))}
                <Text hiddenFrom="sm" size="xs" c="dimmed">
                  {measurementOf(examination)}
                </Text>
              </Table.Td>
              <Table.Td visibleFrom="sm">{measurementOf(examination)}</Table.Td>
              <Table.Td>
                {examination.status ? <StatusBadge status={examination.status} /> : "not started"}
                {examination.message && <Message {...examination} />}
              </Table.Td>
              <ErrorCell value={(isDetection ? examination.map : examination.error) ?? null} />
              {!isDetection && <ErrorCell value={examination.top5_error} visibleFrom="sm" />}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Why an evaluation failed, or why the result of one that succeeded doesn't count, marked like a departure. */
function Message({ status, message }: Examination) {
  if (status !== "succeeded") return <Text size="xs">{message}</Text>;
  return (
    <Text size="xs" c="var(--reslab-departure)">
      ▲ {message}
    </Text>
  );
}

const VIEWS = { single: "errors", "ten-crop": "errors, 10-crop", "multi-scale": "errors, multi-scale" };

function measurementOf({ kind, views, refine, sides }: Examination): string {
  if (kind === "detect")
    return [
      "mAP",
      ...(refine ? ["refined boxes"] : []),
      ...(sides.length ? [`sides ${sides.join(", ")}`] : []),
    ].join(", ");
  return kind === "responses" ? "layer responses" : VIEWS[views ?? "single"];
}

function ErrorCell({ value, ...props }: { value: number | null } & Pick<TableTdProps, "visibleFrom">) {
  return (
    <Table.Td {...props} ta="right" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
      {value === null ? "–" : percent(value)}
    </Table.Td>
  );
}
