// Any set of runs, side by side: their curves, what differs, and the paper's own layout.
import { Alert, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense } from "react";
import { MOST } from "../../address/comparison";
import { useStream } from "../../api/stream";
import { isOpen } from "../../run/progress";
import { Freshness } from "../../ui/Freshness";
import { LazyBlock } from "../../ui/LazyBlock";
import { LinkButton } from "../../ui/LinkButton";
import { loadPart } from "../../ui/loadPart";
import { Empty, Failed, Loading } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { numbered } from "../../units";
import { Differences } from "./Differences";
import { Layout } from "./Layout";
import { Overlay } from "./Overlay";
import { comparedQuery, measuredQuery } from "./queries";

// Below all that runs are compared for, and fetched when it is scrolled to.
const Responses = lazy(() =>
  loadPart(() => import("./Responses")).then(({ Responses }) => ({ default: Responses })),
);

export function ComparePage() {
  const { run: linked } = useSearch({ from: "/compare" });
  const ids = linked.slice(0, MOST);
  const query = useQuery(comparedQuery(ids));
  const runs = ids.length > 0 ? query.data : [];
  const open = runs?.filter(isOpen).map(({ id }) => id) ?? [];
  // Read from what is kept: whoever shows them asks for them.
  const measured =
    useQuery({ ...measuredQuery(runs?.map(({ id }) => id) ?? []), enabled: false }).data?.items ?? [];
  const followed = [...open, ...measured.filter(isOpen).map(({ id }) => id)];
  const link = useStream(followed, followed.length > 0);
  if (query.isError && !runs) return <Failed what="The runs" error={query.error} retry={query.refetch} />;
  if (!runs) return <Loading what="runs" />;
  const [first] = runs;
  if (!first) return <Nothing linked={linked} />;
  const gone = ids.length - runs.length;
  return (
    <Stack gap="lg">
      <Group gap="sm">
        <Title order={1}>{numbered(runs.length, "run")} compared</Title>
        <Freshness query={query} link={link} />
      </Group>
      {gone > 0 && !query.isPlaceholderData && (
        <Alert color="gray">
          {gone === 1 ? "One run of this link is" : `${gone} runs of this link are`} no longer there: deleted
          since.
        </Alert>
      )}
      <Others linked={linked} />
      <Panel label="curves">
        <Overlay runs={runs} first={first} />
      </Panel>
      <Panel label="differences">
        <Differences runs={runs} />
      </Panel>
      <Panel label="plain and residual">
        <Layout runs={runs} />
      </Panel>
      <LazyBlock>
        <Panel label="layer responses">
          <Suspense fallback={<Loading what="layer responses" />}>
            <Responses runs={runs} />
          </Suspense>
        </Panel>
      </LazyBlock>
    </Stack>
  );
}

function Panel({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={label}>
      {children}
    </Paper>
  );
}

/** Of a link that names more runs than are compared: how many are left out, and a way to them. */
function Others({ linked }: { linked: readonly string[] }) {
  const others = linked.slice(MOST);
  if (others.length === 0) return null;
  return (
    <Alert color="gray">
      At most {MOST} runs are compared at once: {numbered(others.length, "run")} of this link{" "}
      {others.length === 1 ? "is" : "are"} left out.{" "}
      <TextLink to="/compare" search={{ run: others }} inherit underline="always">
        Compare the others
      </TextLink>
    </Alert>
  );
}

function Nothing({ linked }: { linked: readonly string[] }) {
  return (
    <>
      <Title order={1}>Compare</Title>
      <Others linked={linked} />
      <Empty title={linked.length > 0 ? "These runs are no longer there" : "Nothing to compare yet"}>
        <Text>
          Select runs in the table (x, or their boxes), then press c: the link that comes of it can be shared.
        </Text>
        <Group>
          <LinkButton to="/">Choose runs</LinkButton>
        </Group>
      </Empty>
    </>
  );
}
