// The errors of a run's final weights by evaluation protocol, and the form that starts another evaluation.
import { Badge, Button, Checkbox, Group, NativeSelect, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { useRefusal } from "../api/rights";
import type { Examination, Run } from "../api/types";
import { isOpen } from "../run/progress";
import { DisabledReason } from "../ui/DisabledReason";
import { Refusal } from "../ui/Refusal";
import { TextLink } from "../ui/TextLink";
import { formatCount, moment, percent } from "../units";
import { EnsemblePicker } from "./EnsemblePicker";
import { ExaminationLog } from "./ExaminationLog";
import styles from "./examinations.module.css";
import { runNamesQuery, useRegisteredAt, useStartExamination } from "./queries";
import { evaluationExists, usesCurrentData } from "./request";
import { protocolOf, VIEWS, type Views } from "./words";

type Props = { run: Run; examinations: readonly Examination[] };

export function Evaluations({ run, examinations }: Props) {
  const evaluations = examinations.filter(({ kind }) => kind === "evaluate");
  return (
    <Stack gap="sm">
      {evaluations.length > 0 ? (
        <Errors run={run} evaluations={evaluations} />
      ) : (
        <Text size="sm" c="dimmed">
          Not evaluated here yet. The errors on this page{" "}
          {run.origin ? "are those of the imported file." : "were measured during training."}
        </Text>
      )}
      <EvaluationForm run={run} evaluations={evaluations} />
    </Stack>
  );
}

function Errors({ run, evaluations }: { run: Run; evaluations: readonly Examination[] }) {
  // Data sets of five classes or fewer have no top-5 error.
  const hasTop5 = evaluations.some(({ top5_error }) => top5_error !== null);
  return (
    <Table.ScrollContainer minWidth={320} type="native" tabIndex={0}>
      <Table aria-label="evaluations" verticalSpacing={4} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Protocol</Table.Th>
            <Table.Th ta="right">Error</Table.Th>
            {hasTop5 && (
              <Table.Th ta="right" style={{ whiteSpace: "nowrap" }}>
                Top-5
              </Table.Th>
            )}
            <Table.Th ta="right">Images</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody style={{ fontVariantNumeric: "tabular-nums" }} className={styles.figures}>
          {evaluations.map((evaluation) => (
            <Fragment key={evaluation.id}>
              <Table.Tr>
                <Table.Td title={moment(evaluation.created_at)}>
                  {protocolOf(evaluation)} <UnfinishedBadge examination={evaluation} />
                  {evaluation.runs.length > 1 && (
                    <EnsembleRuns ids={evaluation.runs.filter((id) => id !== run.id)} />
                  )}
                </Table.Td>
                <Table.Td ta="right">{evaluation.error == null ? "–" : percent(evaluation.error)}</Table.Td>
                {hasTop5 && (
                  <Table.Td ta="right">
                    {evaluation.top5_error == null ? "–" : percent(evaluation.top5_error)}
                  </Table.Td>
                )}
                <Table.Td ta="right">
                  {evaluation.images == null ? "–" : formatCount(evaluation.images)}
                </Table.Td>
              </Table.Tr>
              {evaluation.status === "failed" && (
                <Failure examination={evaluation} columns={hasTop5 ? 4 : 3} />
              )}
            </Fragment>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** The other runs of an ensemble. */
function EnsembleRuns({ ids }: { ids: readonly string[] }) {
  const { data } = useQuery(runNamesQuery(ids));
  const names = new Map(data?.map(({ id, name }) => [id, name]));
  return (
    <Text size="xs" c="dimmed">
      with{" "}
      {ids.map((id, nth) => (
        <Fragment key={id}>
          {nth > 0 && ", "}
          <TextLink to="/runs/$runId" params={{ runId: id }} size="xs" underline="always">
            {names.get(id) ?? "another run"}
          </TextLink>
        </Fragment>
      ))}
    </Text>
  );
}

/** The message and the log of a failed evaluation, below its row. Long log lines don't widen the columns. */
function Failure({ examination, columns }: { examination: Examination; columns: number }) {
  return (
    <Table.Tr>
      <Table.Td colSpan={columns}>
        <div className={styles.contained}>
          <Text size="xs">{examination.message}</Text>
          <ExaminationLog examination={examination} />
        </div>
      </Table.Td>
    </Table.Tr>
  );
}

/** The status, unless the evaluation has succeeded. */
function UnfinishedBadge({ examination }: { examination: Examination }) {
  const { status } = examination;
  if (status === "succeeded") return null;
  return (
    <Badge size="sm" color={status === "failed" ? "red" : isOpen(examination) ? "cobalt" : "gray"}>
      {status}
    </Badge>
  );
}

/** Only the ImageNet family has several views; the CIFAR family sees the whole image (sec. 4.2). */
function EvaluationForm({ run, evaluations }: { run: Run; evaluations: readonly Examination[] }) {
  const start = useStartExamination(run.id);
  const refusal = useRefusal("submit", [run]);
  const [views, setViews] = useState<Views>("single");
  const [isRecomputed, setRecomputed] = useState(false);
  const [others, setOthers] = useState<readonly string[]>([]);
  const registeredAt = useRegisteredAt(run);
  const current = evaluations.filter((evaluation) => usesCurrentData(evaluation, registeredAt));
  const request = { views, recompute_bn: isRecomputed, runs: [run.id, ...others] };
  const choices = Object.keys(VIEWS) as Views[]; // VIEWS has exactly these keys
  return (
    <form
      aria-label="evaluate"
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate({ kind: "evaluate", views, recompute_bn: isRecomputed, together_with: [...others] });
      }}
    >
      <Group gap="md" align="flex-end">
        {run.spec.family === "imagenet" && (
          <NativeSelect
            size="xs"
            label="Views"
            data={choices.map((value) => ({ value, label: VIEWS[value] }))}
            value={views}
            onChange={({ target }) => setViews(choices.find((choice) => choice === target.value) ?? "single")}
          />
        )}
        <EnsemblePicker run={run} value={others} onChange={setOthers} />
        <Checkbox
          size="xs"
          mb={6}
          label="Recompute batch-norm statistics over the training images"
          checked={isRecomputed}
          onChange={({ target }) => setRecomputed(target.checked)}
        />
        <DisabledReason
          why={
            refusal ??
            (evaluationExists(current, request)
              ? "This evaluation is already in the table. Repeating it would give the same result."
              : undefined)
          }
        >
          <Button type="submit" size="xs" variant="default" loading={start.isPending}>
            Evaluate
          </Button>
        </DisabledReason>
      </Group>
      {start.error && <Refusal title="The evaluation could not be started" error={start.error} />}
    </form>
  );
}
