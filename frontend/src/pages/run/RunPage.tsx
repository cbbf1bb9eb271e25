// The page of a run: state, curves, network, files, log, history, specification and evaluations.
import { Alert, Grid, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useParams } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense } from "react";
import type { Run } from "../../api/client";
import { Problem } from "../../api/problem";
import { historyQuery, runQuery } from "../../api/queries";
import { useStream } from "../../api/stream";
import { examinationsQuery } from "../../examinations/queries";
import { ImportedMark, OriginText } from "../../run/Imported";
import { Log } from "../../run/Log";
import { ProgressLine } from "../../run/ProgressLine";
import { isOpen } from "../../run/progress";
import { StatusBadge } from "../../run/StatusBadge";
import { Freshness } from "../../ui/Freshness";
import { LazyBlock } from "../../ui/LazyBlock";
import { loadPart } from "../../ui/loadPart";
import { Section } from "../../ui/Section";
import { EmptyState, ErrorState, LoadingState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { formatCount, magnitude, moment } from "../../units";
import { Actions } from "./Actions";
import { Curves } from "./Curves";
import { Files } from "./Files";
import { History } from "./History";
import { SpecTable } from "./SpecTable";

// At the end of the page, and fetched when the reader scrolls to it.
const ExaminationSections = lazy(() =>
  loadPart(() => import("../../examinations/ExaminationSections")).then(({ ExaminationSections }) => ({
    default: ExaminationSections,
  })),
);

const RunNetwork = lazy(() =>
  loadPart(() => import("../../network/RunNetwork")).then(({ RunNetwork }) => ({ default: RunNetwork })),
);

export function RunPage() {
  const { runId } = useParams({ from: "/runs/$runId" });
  const query = useQuery(runQuery(runId));
  const run = query.data;
  // Read from the cache only: the section that shows them fetches them.
  const examinations = useQuery({ ...examinationsQuery(runId), enabled: false }).data?.items ?? [];
  const examining = examinations.filter(isOpen).map(({ id }) => id);
  const isLive = run !== undefined && (isOpen(run) || examining.length > 0);
  const link = useStream([runId, ...examining], isLive);
  if (query.error instanceof Problem && query.error.isNowhere) return <MissingRun />;
  if (query.isError && !run) return <ErrorState what="The run" error={query.error} retry={query.refetch} />;
  if (!run) return <LoadingState what="run" />;
  if (run.examines) return <Navigate to="/runs/$runId" params={{ runId: run.examines }} replace />;
  return (
    <Stack gap="lg">
      <Head run={run} freshness={<Freshness query={query} link={link} />} />
      <section aria-label="curves">
        <Curves run={run} />
      </section>
      <Section title="Network">
        <LazyBlock>
          <Suspense fallback={<LoadingState what="network" />}>
            <RunNetwork id={run.id} />
          </Suspense>
        </LazyBlock>
      </Section>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            <Section title="Weights and checkpoints">
              <Files run={run} />
            </Section>
            <Section title="Log">
              <Log run={run} />
            </Section>
            <Section title="History">
              <RunHistory id={runId} />
            </Section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Section title="Specification">
            <SpecTable run={run} />
          </Section>
        </Grid.Col>
      </Grid>
      {run.status === "succeeded" ? (
        <LazyBlock>
          <Suspense fallback={<LoadingState what="evaluations" />}>
            <ExaminationSections run={run} />
          </Suspense>
        </LazyBlock>
      ) : (
        <EvaluationsPlaceholder run={run} />
      )}
    </Stack>
  );
}

function Head({ run, freshness }: { run: Run; freshness: ReactNode }) {
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-start">
        <Group gap="sm">
          <Title order={1}>{run.name}</Title>
          <StatusBadge status={run.status} reason={run.reason} />
          <ImportedMark run={run} />
          {freshness}
        </Group>
        <Actions run={run} />
      </Group>
      <Text size="sm" c="dimmed">
        {run.spec.dataset} · {formatCount(run.parameters)} parameters · {magnitude(run.multiply_adds)}{" "}
        multiply-adds · {run.owner}, {moment(run.created_at)}
        {run.parent_id && <Parent id={run.parent_id} iteration={run.parent_iteration} />}
      </Text>
      {run.origin && <OriginText origin={run.origin} />}
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
      <ProgressLine run={run} size="lg" />
    </Stack>
  );
}

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

function RunHistory({ id }: { id: string }) {
  const query = useQuery(historyQuery(id));
  if (query.isPending) return <LoadingState what="history" />;
  if (query.isError && !query.data)
    return <ErrorState what="The history" error={query.error} retry={query.refetch} />;
  return <History events={query.data.items} />;
}

function EvaluationsPlaceholder({ run }: { run: Run }) {
  return (
    <Section title="Evaluations">
      <Text size="sm" c="dimmed">
        {isOpen(run)
          ? "Once this run has succeeded, you can evaluate its weights in other ways here, measure its layer responses, and classify pictures."
          : `Evaluations need the weights of a run that has succeeded; this run ${run.status === "failed" ? "failed" : "was cancelled"}.`}
      </Text>
    </Section>
  );
}

function MissingRun() {
  return (
    <>
      <Title order={1}>Run not found</Title>
      <EmptyState title="There is no run at this address">
        <Text>
          It may have been deleted.{" "}
          <TextLink to="/" underline="always">
            All runs
          </TextLink>
        </Text>
      </EmptyState>
    </>
  );
}
