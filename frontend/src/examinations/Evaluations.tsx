// The errors of a run's final weights by evaluation protocol, and the form that starts another evaluation.
import { Badge, Button, Checkbox, Group, NativeSelect, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import type { Examination, Run } from "../api/client";
import { isOpen } from "../run/progress";
import { DisabledReason } from "../ui/DisabledReason";
import { Failed } from "../ui/States";
import { TextLink } from "../ui/TextLink";
import { counted, moment, percent } from "../units";
import { EnsemblePicker } from "./EnsemblePicker";
import { ExaminationLog } from "./ExaminationLog";
import styles from "./examinations.module.css";
import { namedQuery, useAsking, useRegisteredAt } from "./queries";
import { isAsked, isOfNow } from "./request";
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
          Not evaluated yet. The errors shown on this page were measured during training.
        </Text>
      )}
      <Ask run={run} evaluations={evaluations} />
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
          {evaluations.map((one) => (
            <Fragment key={one.id}>
              <Table.Tr>
                <Table.Td title={moment(one.created_at)}>
                  {protocolOf(one)} <State examination={one} />
                  {one.runs.length > 1 && <Others ids={one.runs.filter((id) => id !== run.id)} />}
                </Table.Td>
                <Table.Td ta="right">{one.error == null ? "–" : percent(one.error)}</Table.Td>
                {hasTop5 && (
                  <Table.Td ta="right">{one.top5_error == null ? "–" : percent(one.top5_error)}</Table.Td>
                )}
                <Table.Td ta="right">{one.images == null ? "–" : counted(one.images)}</Table.Td>
              </Table.Tr>
              {one.status === "failed" && <Failure examination={one} columns={hasTop5 ? 4 : 3} />}
            </Fragment>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** The other runs of an ensemble. */
function Others({ ids }: { ids: readonly string[] }) {
  const { data } = useQuery(namedQuery(ids));
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
          <ExaminationLog examination={examination} what="evaluation" />
        </div>
      </Table.Td>
    </Table.Tr>
  );
}

/** The status, unless the evaluation has succeeded. */
function State({ examination }: { examination: Examination }) {
  const { status } = examination;
  if (status === "succeeded") return null;
  return (
    <Badge
      size="sm"
      variant="light"
      tt="none"
      color={status === "failed" ? "red" : isOpen(examination) ? "blue" : "gray"}
    >
      {status}
    </Badge>
  );
}

/** Only the ImageNet family has several views; the CIFAR family sees the whole image (sec. 4.2). */
function Ask({ run, evaluations }: { run: Run; evaluations: readonly Examination[] }) {
  const asking = useAsking(run.id);
  const [views, setViews] = useState<Views>("single");
  const [isRecomputed, setRecomputed] = useState(false);
  const [others, setOthers] = useState<readonly string[]>([]);
  const registeredAt = useRegisteredAt(run);
  const current = evaluations.filter((one) => isOfNow(one, registeredAt));
  const asked = { views, recompute_bn: isRecomputed, runs: [run.id, ...others] };
  const choices = Object.keys(VIEWS) as Views[]; // of exactly these keys
  return (
    <form
      aria-label="evaluate"
      onSubmit={(event) => {
        event.preventDefault();
        asking.mutate({ kind: "evaluate", views, recompute_bn: isRecomputed, together_with: [...others] });
      }}
    >
      <Group gap="md" align="flex-end">
        {run.spec.family === "imagenet" && (
          <NativeSelect
            size="xs"
            label="Views"
            data={choices.map((value) => ({ value, label: VIEWS[value] }))}
            value={views}
            onChange={({ target }) => setViews(choices.find((one) => one === target.value) ?? "single")}
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
            isAsked(current, asked)
              ? "This evaluation is already in the table. Repeating it would give the same result."
              : undefined
          }
        >
          <Button type="submit" size="xs" loading={asking.isPending}>
            Evaluate
          </Button>
        </DisabledReason>
      </Group>
      {asking.error && <Failed what="The evaluation" error={asking.error} />}
    </form>
  );
}
