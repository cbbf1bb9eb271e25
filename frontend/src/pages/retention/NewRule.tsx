// A new rule: what it would delete now is shown first, and only then can it be set.
import { Button, Group, NativeSelect, NumberInput, Stack, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { listProjects } from "../../api/access";
import { planRule, type RetentionPlan, setRule } from "../../api/retention";
import { Refusal } from "../../ui/Refusal";
import { TextLink } from "../../ui/TextLink";
import { formatCount, pluralize, size } from "../../units";
import { extent, rest } from "./words";

export function NewRule() {
  const projects = useQuery({ queryKey: ["projects"], queryFn: listProjects });
  const [project, setProject] = useState("default");
  const [checkpoints, setCheckpoints] = useState<number | string>("");
  const [weights, setWeights] = useState<number | string>("");
  const [archive, setArchive] = useState<number | string>("");
  const queries = useQueryClient();
  const rule = {
    checkpoints_days: numberOf(checkpoints),
    weights_days: numberOf(weights),
    archive_days: numberOf(archive),
  };
  const plan = useMutation({ mutationFn: () => planRule(project, rule) });
  const set = useMutation({
    mutationFn: (files: number) => setRule(project, rule, files),
    onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: ["retention"] }), plan.reset()]),
  });
  // A plan is of the rule that it was made for.
  const change =
    <Value,>(write: (value: Value) => void) =>
    (value: Value) => {
      write(value);
      plan.reset();
      set.reset();
    };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    plan.mutate();
  };
  const isEmpty = Object.values(rule).every((days) => days === null);
  return (
    <form onSubmit={submit} aria-label="new rule">
      <Stack gap="sm" maw={760}>
        <Group align="end">
          <NativeSelect
            label="Project"
            data={projects.data?.items.map(({ name }) => name) ?? ["default"]}
            value={project}
            onChange={(event) => change(setProject)(event.currentTarget.value)}
          />
          <DaysInput
            label="Delete checkpoints after (days)"
            value={checkpoints}
            onChange={change(setCheckpoints)}
          />
          <DaysInput
            label="Delete other weights after (days)"
            value={weights}
            onChange={change(setWeights)}
          />
          <DaysInput label="Archive runs after (days)" value={archive} onChange={change(setArchive)} />
          <Button type="submit" variant="default" loading={plan.isPending} disabled={isEmpty}>
            Show what it does
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          Days count from a run's end. A run without checkpoints can't be forked.
        </Text>
        <Refusal error={plan.error ?? set.error} />
        {plan.data && (
          <>
            <Plan plan={plan.data} />
            <Group>
              <Button color="red" loading={set.isPending} onClick={() => set.mutate(plan.data.files)}>
                Set rule
              </Button>
              <Text size="sm" c="dimmed">
                The service applies it within the hour, and from then on to what grows as old. Archived runs
                can be brought back, deleted files can't.
              </Text>
            </Group>
          </>
        )}
        {set.data && <Text role="status">The rule of {set.data.project} has been set.</Text>}
      </Stack>
    </form>
  );
}

const numberOf = (value: number | string): number | null => (typeof value === "number" ? value : null);

type DaysProps = { label: string; value: number | string; onChange: (value: number | string) => void };

const DaysInput = (props: DaysProps) => (
  <NumberInput {...props} placeholder="never" min={1} max={36_500} allowDecimal={false} />
);

function Plan({ plan }: { plan: RetentionPlan }) {
  const archived = plan.archived > 0 && `It archives ${pluralize(plan.archived, "run")}.`;
  if (plan.files === 0) return <Text role="status">This rule deletes nothing now. {archived}</Text>;
  return (
    <>
      {archived && <Text>{archived}</Text>}
      <Text role="status">This rule deletes {extent(plan)}, now:</Text>
      <Table.ScrollContainer minWidth={320} maxHeight={320} type="native" tabIndex={0}>
        <Table aria-label="files that the rule deletes" verticalSpacing={2} fz="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Run</Table.Th>
              <Table.Th>File</Table.Th>
              <Table.Th ta="right">Iteration</Table.Th>
              <Table.Th ta="right">Size</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {plan.first.map(({ run_id, run, role, iteration, size_bytes }) => (
              <Table.Tr key={`${run_id} ${role} ${iteration}`}>
                <Table.Td>
                  <TextLink to="/runs/$runId" params={{ runId: run_id }} size="xs">
                    {run}
                  </TextLink>
                </Table.Td>
                <Table.Td>{role}</Table.Td>
                <Table.Td ta="right">{formatCount(iteration)}</Table.Td>
                <Table.Td ta="right">{size(size_bytes)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {rest(plan) && <Text size="xs">{rest(plan)}</Text>}
    </>
  );
}
