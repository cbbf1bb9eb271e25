// The head of a run's page: what it is, what it is doing, what can be done with it, and why it failed.
import { Alert, Badge, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Run } from "../../api/types";
import { ImportedMark, OriginText } from "../../run/Imported";
import { ProgressLine } from "../../run/ProgressLine";
import { isOpen, percentDone } from "../../run/progress";
import { StatusBadge } from "../../run/StatusBadge";
import { NotifyEnd } from "../../ui/NotifyEnd";
import { PageTitle } from "../../ui/PageTitle";
import { TextLink } from "../../ui/TextLink";
import { formatCount, moment, percent } from "../../units";
import { Actions } from "./Actions";
import { Notes } from "./about/Notes";

export function Head({ run, freshness }: { run: Run; freshness: ReactNode }) {
  const tab = run.status === "running" ? `${Math.floor(percentDone(run))} % · ${run.name}` : run.name;
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-start">
        <Group gap="sm" align="baseline">
          <PageTitle tab={tab}>{run.name}</PageTitle>
          <StatusBadge status={run.status} reason={run.reason} />
          <ImportedMark run={run} />
          {freshness}
        </Group>
        <Group gap="xs">
          <NotifyEnd isOpen={isOpen(run)} name={run.name} outcome={outcomeOf(run)} />
          <Actions run={run} />
        </Group>
      </Group>
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {run.spec.dataset}, seed {run.spec.seed} · {run.owner}, {moment(run.created_at)}
          {run.parent_id && <Parent id={run.parent_id} iteration={run.parent_iteration} />}
        </Text>
        {run.tags.map((tag) => (
          <Badge key={tag} variant="default" fw={400}>
            {tag}
          </Badge>
        ))}
      </Group>
      {run.origin && <OriginText origin={run.origin} />}
      {run.notes && <Notes text={run.notes} />}
      {run.message && (
        <Alert color={run.status === "failed" ? "red" : "gray"} title={run.reason?.replaceAll("_", " ")}>
          {run.message}
          {run.advice && (
            <Text size="sm" mt={4}>
              {run.advice}
            </Text>
          )}
        </Alert>
      )}
      {(isOpen(run) || run.iteration < run.iterations) && <ProgressLine run={run} size="lg" />}
    </Stack>
  );
}

/** "succeeded, test error 8.73 %" */
const outcomeOf = ({ status, reason, last: { test_error, test_map } }: Run): string => {
  if (status === "failed") return `failed: ${reason?.replaceAll("_", " ")}`;
  if (test_map != null) return `${status}, test mAP ${percent(test_map)}`;
  return test_error === null ? status : `${status}, test error ${percent(test_error)}`;
};

function Parent({ id, iteration }: { id: string; iteration: number | null }) {
  return (
    <>
      {iteration === null ? " · a retry of " : ` · continues from iteration ${formatCount(iteration)} of `}
      <TextLink to="/runs/$runId" params={{ runId: id }} size="sm" underline="always">
        another run
      </TextLink>
    </>
  );
}
