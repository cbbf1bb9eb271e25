// The workers: device, current run, last heartbeat, and a button that drains a worker.
import { Badge, Button, Table, Text } from "@mantine/core";
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
              <Table.Th>Training</Table.Th>
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
          {worker.address && ` (${worker.address})`}, process {worker.pid} · {worker.version}
        </Text>
        {worker.alive && worker.trouble && (
          <Text size="xs">
            {worker.trouble} It takes no runs since {moment(worker.trouble_since ?? worker.seen_at)}, and
            checks itself again.
          </Text>
        )}
        {worker.machine_check && <MachineCheck check={worker.machine_check} of={worker.name} />}
      </Table.Td>
      <Table.Td>
        {worker.run_id ? (
          <Training id={worker.run_id} />
        ) : worker.awaits ? (
          <Kept id={worker.awaits} />
        ) : (
          <Text c="dimmed">–</Text>
        )}
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
