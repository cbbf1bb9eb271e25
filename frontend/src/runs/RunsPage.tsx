// The list of runs, live.
import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { runsQuery } from "../api/queries";
import { useStream } from "../api/stream";
import { bodyOf, curlOf, START } from "../plan/draft";
import { CopyableCode } from "../shell/CopyableCode";
import { Freshness } from "../shell/Freshness";
import { LinkButton } from "../shell/LinkButton";
import { Empty, Failed, Loading } from "../shell/States";
import { Filters } from "./Filters";
import { isFiltered } from "./filter";
import { RunsTable } from "./RunsTable";

export function RunsPage() {
  const filter = useSearch({ from: "/" });
  const query = useInfiniteQuery(runsQuery(filter));
  const link = useStream([]);
  const runs = query.data?.pages.flatMap((page) => page.items);
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={1}>Runs</Title>
          <Freshness query={query} link={link} />
        </Group>
        <LinkButton to="/new">New run</LinkButton>
      </Group>
      <Filters filter={filter} />
      {query.isPending && <Loading what="runs" />}
      {query.isError && !runs && <Failed what="The runs" error={query.error} retry={query.refetch} />}
      {runs && runs.length > 0 && <RunsTable runs={runs} />}
      {runs?.length === 0 && (isFiltered(filter) ? <NoMatch /> : <FirstRun />)}
      {query.hasNextPage && (
        <Button
          variant="default"
          mx="auto"
          loading={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          Older runs
        </Button>
      )}
    </Stack>
  );
}

function NoMatch() {
  return (
    <Empty title="No run matches">
      <Text>
        No run passes these filters. <Link to="/">Show all runs</Link>
      </Text>
    </Empty>
  );
}

function FirstRun() {
  return (
    <Empty title="No runs yet">
      <Text>
        Start with ResNet-20 on <i>digits</i>: it needs no download and takes some minutes on a CPU. Either
        here:
      </Text>
      <Group>
        <LinkButton to="/new">New run</LinkButton>
      </Group>
      <Text>or from a shell:</Text>
      <CopyableCode label="curl line">{curlOf(bodyOf(START), location.origin)}</CopyableCode>
      <Text size="xs" c="dimmed">
        RESLAB_TOKEN is the token in the URL that was printed at the start.
      </Text>
    </Empty>
  );
}
