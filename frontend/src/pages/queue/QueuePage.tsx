// The workers and their runs, and the waiting runs in the order in which workers would claim them now.
import { Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Freshness } from "../../ui/Freshness";
import { LinkButton } from "../../ui/LinkButton";
import { PageTitle } from "../../ui/PageTitle";
import { QueryView } from "../../ui/QueryView";
import { EmptyState } from "../../ui/States";
import { formatCount, pluralize } from "../../units";
import { queueQuery, workersQuery } from "./queries";
import { WaitingTable } from "./WaitingTable";
import { WorkersTable } from "./WorkersTable";

export function QueuePage() {
  const queue = useQuery(queueQuery);
  return (
    <Stack gap="lg">
      <Group gap="sm">
        <PageTitle>Queue and workers</PageTitle>
        <Freshness query={queue} link="live" />
        <LinkButton to="/notices" size="compact-sm" variant="default">
          Notices
        </LinkButton>
      </Group>
      <section aria-label="workers">
        <Title order={2} mb="xs">
          Workers
        </Title>
        <QueryView query={useQuery(workersQuery)} what="workers">
          {({ items }) => (items.length > 0 ? <WorkersTable workers={items} /> : <NoWorkers />)}
        </QueryView>
      </section>
      <section aria-label="queue">
        <Title order={2} mb="xs">
          Queue
        </Title>
        <QueryView query={queue} what="queue">
          {({ waiting, running, free_workers }) => (
            <>
              <Text size="sm" c="dimmed" mb="xs">
                {formatCount(running)} running, {formatCount(waiting.length)} waiting,{" "}
                {pluralize(free_workers, "worker")} free
              </Text>
              {waiting.length > 0 ? <WaitingTable waiting={waiting} /> : <EmptyQueue />}
            </>
          )}
        </QueryView>
      </section>
    </Stack>
  );
}

function NoWorkers() {
  return (
    <EmptyState title="No workers">
      <Text>
        Runs that you start wait in the queue until there is a worker. Start one with{" "}
        <code style={{ whiteSpace: "nowrap" }}>python -m worker</code> on a machine that can train, or with{" "}
        <code style={{ whiteSpace: "nowrap" }}>reslab up --workers 1</code> for the local service.
      </Text>
    </EmptyState>
  );
}

function EmptyQueue() {
  return (
    <EmptyState title="No runs are waiting">
      <Text>Every run has ended, is paused or is training.</Text>
      <LinkButton to="/new" w="fit-content">
        New run
      </LinkButton>
    </EmptyState>
  );
}
