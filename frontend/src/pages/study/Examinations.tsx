// What a study asks of its runs' weights once all have trained, and how far that is.
import { Table, Text } from "@mantine/core";
import type { Study } from "../../api/client";
import { StatusBadge } from "../../run/StatusBadge";
import { TextLink } from "../../ui/TextLink";
import { percent } from "../../units";

type Examination = Study["examinations"][number];

/** What is asked of the weights, as the paper measured it; undefined of a study that only trains. */
export function comesAfter({ kind, protocol }: Pick<Study, "kind" | "protocol">): string | undefined {
  if (kind === "evaluate") return `each is evaluated, ${protocol}`;
  if (kind === "ensemble") return `all are evaluated together, ${protocol}`;
  return kind === "responses" ? "the responses of their layers are measured" : undefined;
}

export function Examinations({ study }: { study: Study }) {
  const { examinations, members } = study;
  if (examinations.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Once its networks are trained, {comesAfter(study)}.
      </Text>
    );
  const labels = new Map(members.map(({ run, label, seed }) => [run, `${label}, seed ${seed}`]));
  return (
    <Table.ScrollContainer minWidth={420} type="native" tabIndex={0}>
      <Table aria-label="examinations of the study" verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Weights of</Table.Th>
            <Table.Th>Examined for</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th ta="right">Error</Table.Th>
            <Table.Th ta="right" style={{ whiteSpace: "nowrap" }}>
              Top-5
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {examinations.map((examination) => (
            <Table.Tr key={examination.runs.join()}>
              <Table.Td>
                {examination.runs.map((run) => (
                  <TextLink key={run} to="/runs/$runId" params={{ runId: run }} size="sm" display="block">
                    {labels.get(run)}
                  </TextLink>
                ))}
              </Table.Td>
              <Table.Td>{asked(examination)}</Table.Td>
              <Table.Td>
                {examination.status ? <StatusBadge status={examination.status} /> : "not asked yet"}
                {examination.message && <Message {...examination} />}
              </Table.Td>
              <ErrorCell value={examination.error} />
              <ErrorCell value={examination.top5_error} />
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Why it failed; of one that succeeded, why what it found does not count, marked as a departure is. */
function Message({ status, message }: Examination) {
  if (status !== "succeeded") return <Text size="xs">{message}</Text>;
  return (
    <Text size="xs" c="var(--reslab-departure)">
      ▲ {message}
    </Text>
  );
}

const VIEWS = { single: "errors", "ten-crop": "errors, 10-crop", "multi-scale": "errors, multi-scale" };

const asked = ({ kind, views }: Examination): string =>
  kind === "responses" ? "responses of its layers" : VIEWS[views ?? "single"];

function ErrorCell({ value }: { value: number | null }) {
  return (
    <Table.Td ta="right" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
      {value === null ? "–" : percent(value)}
    </Table.Td>
  );
}
