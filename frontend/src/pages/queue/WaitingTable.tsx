// The queue as a list that you reorder by dragging a row or with the buttons of each row.
import { ActionIcon, Badge, Group, Table, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useState } from "react";
import { useRefusal, useRights } from "../../api/rights";
import { changeRun } from "../../api/runs";
import type { QueueEntry } from "../../api/types";
import { DisabledReason } from "../../ui/DisabledReason";
import { Refusal } from "../../ui/Refusal";
import { TextLink } from "../../ui/TextLink";
import { timeLeft } from "../../units";
import { HIGHEST, LOWEST, priorityFor } from "./order";

type Change = { run: string; priority: number };

export function WaitingTable({ waiting }: { waiting: readonly QueueEntry[] }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: ({ run, priority }: Change) => changeRun(run, { priority }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["queue"] }),
  });
  const [draggedRun, setDraggedRun] = useState<string>();
  const drop = (target: string) => {
    const priority = draggedRun === undefined ? undefined : priorityFor(draggedRun, target, waiting);
    if (draggedRun !== undefined && priority !== undefined) change.mutate({ run: draggedRun, priority });
    setDraggedRun(undefined);
  };
  return (
    <>
      <Text size="xs" c="dimmed" mb="xs">
        Runs with a higher priority start first. At the same priority, owners take turns, oldest run first. To
        change a priority, drag the row or use − and +.
      </Text>
      <Refusal error={change.error} />
      <Table aria-label="queue" verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Run</Table.Th>
            <Table.Th visibleFrom="sm">Reason</Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              Starts in
            </Table.Th>
            <Table.Th ta="right">Priority</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {waiting.map((entry) => (
            <Row
              key={entry.run}
              entry={entry}
              isDragged={entry.run === draggedRun}
              drag={() => setDraggedRun(entry.run)}
              drop={() => drop(entry.run)}
              change={(priority) => change.mutate({ run: entry.run, priority })}
            />
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

type RowProps = {
  entry: QueueEntry;
  isDragged: boolean;
  drag: () => void;
  drop: () => void;
  change: (priority: number) => void;
};

function Row({ entry, isDragged, drag, drop, change }: RowProps) {
  const allow = (event: DragEvent) => event.preventDefault();
  const refusal = useRefusal("change", [entry]);
  return (
    <Table.Tr
      draggable={!refusal}
      onDragStart={drag}
      onDragOver={allow}
      onDrop={drop}
      style={refusal ? undefined : { cursor: "grab" }}
      opacity={isDragged ? 0.5 : 1}
    >
      <Table.Td>
        <TextLink to="/runs/$runId" params={{ runId: entry.examines ?? entry.run }} fw={600}>
          {entry.name}
        </TextLink>
        <Text size="xs" c="dimmed">
          {entry.dataset} · seed {entry.seed} · {entry.owner}
          {entry.queue && (
            <Badge ml="xs" size="xs">
              {entry.queue} queue
            </Badge>
          )}
        </Text>
        <Text hiddenFrom="sm" size="xs">
          {entry.waits_for}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{entry.waits_for}</Table.Td>
      <Table.Td visibleFrom="sm" ta="right" style={{ whiteSpace: "nowrap" }}>
        {entry.starts_in_s === null ? "unknown" : timeLeft(entry.starts_in_s)}
      </Table.Td>
      <Table.Td>
        <Priority entry={entry} change={change} />
      </Table.Td>
    </Table.Tr>
  );
}

function Priority({ entry, change }: Pick<RowProps, "entry" | "change">) {
  const { name, priority, project } = entry;
  const rights = useRights([entry]);
  const most = rights?.most_priority ?? HIGHEST;
  const lowest = `−${-LOWEST} is the lowest priority.`;
  const highest =
    most < HIGHEST
      ? `${most} is the highest priority that you can give in ${project}.`
      : `${most} is the highest priority.`;
  const whyNot = (by: 1 | -1) =>
    by > 0 ? (priority >= most ? highest : undefined) : priority === LOWEST ? lowest : undefined;
  const step = (by: 1 | -1) => (
    <DisabledReason why={rights?.refusals.change ?? whyNot(by)}>
      <ActionIcon
        size="sm"
        variant="default"
        onClick={() => change(priority + by)}
        aria-label={`${by > 0 ? "raise" : "lower"} the priority of ${name}`}
      >
        {by > 0 ? "+" : "−"}
      </ActionIcon>
    </DisabledReason>
  );
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {step(-1)}
      <Text span miw={28} ta="center" style={{ fontVariantNumeric: "tabular-nums" }}>
        {priority}
      </Text>
      {step(1)}
    </Group>
  );
}
