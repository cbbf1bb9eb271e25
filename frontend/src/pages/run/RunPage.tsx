// The page of a run: its result, its curves, then what it left behind and how it went.
import { Grid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useParams } from "@tanstack/react-router";
import { lazy } from "react";
import { type Link, useStream } from "../../api/events/stream";
import { Problem } from "../../api/problem";
import { historyQuery, runQuery } from "../../api/queries";
import type { Run } from "../../api/types";
import { examinationsQuery } from "../../examinations/queries";
import { Findings } from "../../paper/Findings";
import { useDepartures } from "../../run/departures";
import { Log } from "../../run/Log";
import { isOpen } from "../../run/progress";
import { Freshness } from "../../ui/Freshness";
import { LazyBlock } from "../../ui/LazyBlock";
import { loadPart } from "../../ui/loadPart";
import { PageTitle } from "../../ui/PageTitle";
import { QueryView } from "../../ui/QueryView";
import { Section } from "../../ui/Section";
import { EmptyState, ErrorState, LoadingState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { Unfold } from "../../ui/Unfold";
import { Curves } from "./charts/Curves";
import { Files } from "./Files";
import { Head } from "./Head";
import { Result } from "./Result";

// At the end of the page, and fetched when the reader scrolls to it.
const ExaminationSections = lazy(() =>
  loadPart(() => import("../../examinations/ExaminationSections")).then(({ ExaminationSections }) => ({
    default: ExaminationSections,
  })),
);

const History = lazy(() => loadPart(() => import("./History")).then(({ History }) => ({ default: History })));
const EnvironmentTable = lazy(() =>
  loadPart(() => import("./EnvironmentTable")).then(({ EnvironmentTable }) => ({
    default: EnvironmentTable,
  })),
);
const SpecTable = lazy(() =>
  loadPart(() => import("./SpecTable")).then(({ SpecTable }) => ({ default: SpecTable })),
);
const VerdictSection = lazy(() =>
  loadPart(() => import("./VerdictSection")).then(({ VerdictSection }) => ({ default: VerdictSection })),
);
const RunNetwork = lazy(() =>
  loadPart(() => import("../../network/RunNetwork")).then(({ RunNetwork }) => ({ default: RunNetwork })),
);

const Detector = lazy(() =>
  loadPart(() => import("./detection/Detector")).then(({ Detector }) => ({ default: Detector })),
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
  const history = useQuery(historyQuery(runId));
  if (query.error instanceof Problem && query.error.isNowhere) return <MissingRun />;
  if (query.isError && !run) return <ErrorState what="The run" error={query.error} retry={query.refetch} />;
  if (!run) return <LoadingState what="run" />;
  if (run.examines) return <Navigate to="/runs/$runId" params={{ runId: run.examines }} replace />;
  return (
    <Stack gap="xl">
      <Head run={run} freshness={<Freshness query={query} link={isTrained(run) ? link : stale(link)} />} />
      {(isMeasured(run) || !isOpen(run)) && <Result run={run} />}
      <section aria-label="curves">
        {run.task === "detection" ? (
          <LazyBlock what="curves">
            <Detector run={run} />
          </LazyBlock>
        ) : (
          <Curves run={run} />
        )}
      </section>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Section title="Weights and checkpoints">
            <Files run={run} />
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="xl">
            <Section title="Departures from the paper" id="departures">
              <Protocol run={run} />
            </Section>
            {run.status === "succeeded" && run.last.test_error !== null && (
              <LazyBlock what="verdict">
                <VerdictSection run={run} />
              </LazyBlock>
            )}
          </Stack>
        </Grid.Col>
      </Grid>
      {run.status === "succeeded" && run.origin?.weights_sha256 !== null ? (
        <LazyBlock what="evaluations">
          <ExaminationSections run={run} />
        </LazyBlock>
      ) : (
        <EvaluationsPlaceholder run={run} />
      )}
      <Section title="Log">
        <Log run={run} />
      </Section>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Section title="History">
            <QueryView query={history} what="history">
              {({ items }) => (
                <LazyBlock what="history">
                  <History events={items} />
                </LazyBlock>
              )}
            </QueryView>
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Section title="Environment">
            <LazyBlock what="environment">
              <EnvironmentTable run={run} events={history.data?.items ?? []} />
            </LazyBlock>
          </Section>
        </Grid.Col>
      </Grid>
      <Section title="Network">
        <LazyBlock what="network">
          <RunNetwork id={run.id} />
        </LazyBlock>
      </Section>
    </Stack>
  );
}

/** A run that waits, is paused, or whose worker is silent isn't called live: nobody trains it. */
const isTrained = ({ status, is_silent }: Run): boolean => status === "running" && !is_silent;
const stale = (link: Link): Link => (typeof link === "object" ? link : undefined);
const isMeasured = ({ last }: Run): boolean => last.test_error !== null || last.test_map != null;

/** The departures, and the whole specification one click away. */
function Protocol({ run }: { run: Run }) {
  return (
    <Stack gap="sm">
      <Findings findings={useDepartures(run)} />
      <Unfold title="Whole specification">
        <SpecTable run={run} />
      </Unfold>
    </Stack>
  );
}

function EvaluationsPlaceholder({ run }: { run: Run }) {
  return (
    <Section title="Evaluations">
      <Text size="sm" c="dimmed">
        {isOpen(run)
          ? "Once this run has succeeded, you can evaluate its weights in other ways here, measure its layer responses, and classify pictures."
          : run.origin
            ? "Import the result with its weights to evaluate them here."
            : `Evaluations need the weights of a run that has succeeded; this run ${run.status === "failed" ? "failed" : "was cancelled"}.`}
      </Text>
    </Section>
  );
}

function MissingRun() {
  return (
    <>
      <PageTitle>Run not found</PageTitle>
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
