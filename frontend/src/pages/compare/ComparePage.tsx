// The comparison of any set of runs: their curves, their differences, the paper's layout, and layer responses.
import { Alert, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { lazy, type ReactNode } from "react";
import { MOST } from "../../address/comparison";
import { useStream } from "../../api/events/stream";
import { areDetectors } from "../../comparison/precisions";
import { isOpen } from "../../run/progress";
import { Freshness } from "../../ui/Freshness";
import { LazyBlock } from "../../ui/LazyBlock";
import { LinkButton } from "../../ui/LinkButton";
import { loadPart } from "../../ui/loadPart";
import { PageTitle } from "../../ui/PageTitle";
import { EmptyState, ErrorState, LoadingState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { pluralize } from "../../units";
import { Differences } from "./Differences";
import { Layout } from "./Layout";
import { Overlay } from "./Overlay";
import { comparedQuery, measuredQuery } from "./queries";

// At the end of the page, and fetched when the reader scrolls to it.
const Responses = lazy(() =>
  loadPart(() => import("./Responses")).then(({ Responses }) => ({ default: Responses })),
);

export function ComparePage() {
  // Only the runs: a zoom, which changes the rest of the address, doesn't render the tables again.
  const linked = useSearch({ from: "/compare", select: ({ run }) => run, structuralSharing: true });
  const ids = linked.slice(0, MOST);
  const query = useQuery(comparedQuery(ids));
  const runs = ids.length > 0 ? query.data : [];
  const open = runs?.filter(isOpen).map(({ id }) => id) ?? [];
  // Read from the cache only: the section that shows them fetches them.
  const measurements =
    useQuery({ ...measuredQuery(runs?.map(({ id }) => id) ?? []), enabled: false }).data?.items ?? [];
  const followed = [...open, ...measurements.filter(isOpen).map(({ id }) => id)];
  const link = useStream(followed, followed.length > 0);
  if (query.isError && !runs) return <ErrorState what="The runs" error={query.error} retry={query.refetch} />;
  if (!runs) return <LoadingState what="runs" />;
  const [first] = runs;
  if (!first) return <EmptyComparison linked={linked} />;
  const missing = ids.length - runs.length;
  return (
    <Stack gap="lg">
      <Group gap="sm">
        <PageTitle>{`${pluralize(runs.length, "run")} compared`}</PageTitle>
        <Freshness query={query} link={link} />
      </Group>
      {missing > 0 && !query.isPlaceholderData && (
        <Alert color="gray">
          {pluralize(missing, "run")} of this link can't be found. Deleted runs can't be shown.
        </Alert>
      )}
      <OmittedRuns linked={linked} />
      <Panel label="curves">
        <Overlay runs={runs} first={first} />
      </Panel>
      <Panel label="differences">
        <Differences runs={runs} />
      </Panel>
      {!areDetectors(runs) && (
        <>
          <Panel label="plain and residual">
            <Layout runs={runs} />
          </Panel>
          <LazyBlock what="layer responses">
            <Panel label="layer responses">
              <Responses runs={runs} />
            </Panel>
          </LazyBlock>
        </>
      )}
    </Stack>
  );
}

function Panel({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section className="section" aria-label={label}>
      {children}
    </section>
  );
}

/** Where a link names too many runs: how many are left out, and a link that compares those. */
function OmittedRuns({ linked }: { linked: readonly string[] }) {
  const omitted = linked.slice(MOST);
  if (omitted.length === 0) return null;
  return (
    <Alert color="gray">
      You can compare at most {MOST} runs at once, so {pluralize(omitted.length, "run")} of this link{" "}
      {omitted.length === 1 ? "is" : "are"} left out.{" "}
      <TextLink to="/compare" search={{ run: omitted }} inherit underline="always">
        Compare the remaining runs
      </TextLink>
    </Alert>
  );
}

function EmptyComparison({ linked }: { linked: readonly string[] }) {
  return (
    <>
      <PageTitle>Compare</PageTitle>
      <OmittedRuns linked={linked} />
      <EmptyState title={linked.length > 0 ? "These runs can't be found" : "No runs selected"}>
        <Text>
          Select runs in the table (with x or the checkboxes), then press c. You can share the link of a
          comparison.
        </Text>
        <Group>
          <LinkButton to="/">Select runs</LinkButton>
        </Group>
      </EmptyState>
    </>
  );
}
