// The workers: device, current run, last heartbeat, and a button that drains a worker.
import { Badge, Box, Button, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { runQuery } from "../../api/queries";
import { useRefusal } from "../../api/rights";
import { drainWorker } from "../../api/service";
import type { Worker } from "../../api/types";
import { ProgressLine } from "../../run/ProgressLine";
import { DisabledReason } from "../../ui/DisabledReason";
import { Refusal } from "../../ui/Refusal";
import { TextLink } from "../../ui/TextLink";
import { ago, moment } from "../../units";
import { MachineCheck } from "./MachineCheck";

export function WorkersTable({ workers }: { workers: readonly Worker[] }) {
  const queries = useQueryClient();
  const drain = useMutation({
    mutationFn: drainWorker,
    onSettled: () => queries.invalidateQueries({ queryKey: ["workers"] }),
  });
  return (
    <>
      <Refusal error={drain.error} />
      <Table.ScrollContainer minWidth={340} type="native">
        <Table aria-label="workers" verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Worker</Table.Th>
              <Table.Th visibleFrom="sm">Training</Table.Th>
              <Table.Th visibleFrom="sm">Last seen</Table.Th>
              <Table.Th ta="right">Action</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {workers.map((worker) => (
              <Row key={worker.id} worker={worker} drain={() => drain.mutate(worker.id)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

function Row({ worker, drain }: { worker: Worker; drain: () => void }) {
  const refusal = useRefusal("administer");
  return (
    <Table.Tr>
      <Table.Td>
        <Text span fw={600} mr="xs">
          {worker.name}
        </Text>
        <State worker={worker} />
        <Text size="xs" c="dimmed">
          {worker.device}
          {worker.slots > 1 && `, slot ${worker.slot} of ${worker.slots}`} · {worker.queue} queue ·{" "}
          {worker.host}
          {worker.address && ` (${worker.address})`}, process {worker.pid} · version {worker.version}
        </Text>
        {worker.alive && worker.trouble && (
          <Text size="xs">
            {worker.trouble} It has taken no runs since {moment(worker.trouble_since ?? worker.seen_at)}, and
            checks itself regularly.
          </Text>
        )}
        {(worker.run_id || worker.awaits) && (
          <Box hiddenFrom="sm" py={4}>
            <Work worker={worker} />
          </Box>
        )}
        {worker.machine_check && <MachineCheck check={worker.machine_check} of={worker.name} />}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {worker.run_id || worker.awaits ? <Work worker={worker} /> : <Text c="dimmed">–</Text>}
      </Table.Td>
      <Table.Td visibleFrom="sm" title={moment(worker.seen_at)} style={{ whiteSpace: "nowrap" }}>
        {ago(worker.seen_at, Date.now())}
      </Table.Td>
      <Table.Td ta="right">
        <DisabledReason why={refusal ?? whyNotDrain(worker)}>
          <Button size="compact-xs" variant="default" onClick={drain} aria-label={`drain ${worker.name}`}>
            Drain
          </Button>
        </DisabledReason>
      </Table.Td>
    </Table.Tr>
  );
}

/** The run that it trains, or for which it is kept free. */
function Work({ worker: { run_id, awaits } }: { worker: Worker }) {
  if (run_id) return <Training id={run_id} />;
  return awaits ? <Kept id={awaits} /> : null;
}

function State({ worker: { alive, draining, run_id, trouble } }: { worker: Worker }) {
  const [word, color] = !alive
    ? ["lost", "red"]
    : draining
      ? ["draining", "orange"]
      : trouble
        ? ["unfit", "red"]
        : run_id
          ? ["training", "cobalt"]
          : ["free", "teal"];
  return (
    <Badge size="sm" color={color}>
      {word}
    </Badge>
  );
}

function Training({ id }: { id: string }) {
  const { data: run } = useQuery({ ...runQuery(id), refetchInterval: 3000 });
  return (
    <>
      <TextLink to="/runs/$runId" params={{ runId: id }}>
        {run?.name ?? "a run"}
      </TextLink>
      {run && !run.examines && <ProgressLine run={run} />}
    </>
  );
}

function Kept({ id }: { id: string }) {
  const { data: run } = useQuery(runQuery(id));
  return (
    <Text size="sm">
      kept free for{" "}
      <TextLink to="/runs/$runId" params={{ runId: id }}>
        {run?.name ?? "a run"}
      </TextLink>
    </Text>
  );
}

function whyNotDrain({ alive, draining }: Worker): string | undefined {
  if (!alive) return "This worker is lost, so it can't be drained. Another worker takes over its run.";
  if (draining)
    return "This worker is already draining. It saves a checkpoint, returns its run to the queue and stops.";
  return undefined;
}
