// A run being written: the form, and beside it, live, what it would be.
import {
  Accordion,
  Alert,
  Button,
  Grid,
  Group,
  Select,
  SimpleGrid,
  Stack,
  TextInput,
  Title,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { createRun, type Plan } from "../api/client";
import { messagesByField, Problem } from "../api/problem";
import { datasetsQuery, planQuery } from "../api/queries";
import { useKey } from "../api/useKey";
import { CopyableCode } from "../shell/CopyableCode";
import { ChoiceOf, DropsOf, type Editing, NumberOf } from "./DraftFields";
import { bodyOf, curlOf, onDataset } from "./draft";
import { PlanPanel } from "./PlanPanel";

// Long enough that typing 64000 asks once or twice and not five times.
const TYPING_MS = 250;

export function NewRunPage() {
  const draft = useSearch({ from: "/new" });
  const navigate = useNavigate({ from: "/new" });
  const body = bodyOf(draft);
  const [settled] = useDebouncedValue(draft, TYPING_MS);
  const plan = useQuery({ ...planQuery(bodyOf(settled)), placeholderData: keepPreviousData });
  // A refused draft has no plan: the last one still says what the paper's values are.
  const [known, setKnown] = useState<Plan>();
  if (plan.data && plan.data !== known) setKnown(plan.data);
  const submit = useSubmit(body);
  const refusal = [submit.error, plan.error].find(
    (error) => error instanceof Problem && error.status === 422,
  );
  const editing: Editing = {
    draft,
    defaults: known?.spec ?? {},
    name: known?.name,
    errors: refusal instanceof Problem ? messagesByField(refusal) : {},
    change: (change) => {
      submit.reset();
      navigate({ search: (before) => ({ ...before, ...change }), replace: true });
    },
  };
  return (
    <Stack gap="md">
      <Title order={1}>New run</Title>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              submit.mutate();
            }}
          >
            <Stack gap="md">
              <Fields editing={editing} />
              {submit.error && (
                <Alert color="red" title="The run was not accepted">
                  {submit.error.message}
                </Alert>
              )}
              <Group>
                <Button type="submit" loading={submit.isPending}>
                  Start run
                </Button>
              </Group>
            </Stack>
          </form>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="md">
            <PlanPanel query={plan} />
            <Title order={2}>The same request for a shell</Title>
            <CopyableCode label="curl line">{curlOf(body, location.origin)}</CopyableCode>
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function useSubmit(body: ReturnType<typeof bodyOf>) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const key = useKey(body);
  return useMutation({
    mutationFn: () => createRun(body, key),
    onSuccess: (run) => {
      queries.invalidateQueries({ queryKey: ["runs"] });
      return navigate({ to: "/runs/$runId", params: { runId: run.id } });
    },
  });
}

function Fields({ editing }: { editing: Editing }) {
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberOf field="depth" editing={editing} />
        <ChoiceOf field="shortcut" editing={editing} />
        <DatasetOf editing={editing} />
        <FamilyOf editing={editing} />
        <NumberOf field="iterations" editing={editing} />
        <NumberOf field="lr" editing={editing} />
        <DropsOf editing={editing} />
        <NumberOf field="batch_size" editing={editing} />
        <NumberOf field="seed" editing={editing} />
        <NumberOf field="train_images" editing={editing} />
        <ChoiceOf field="augment" editing={editing} />
      </SimpleGrid>
      <TextInput
        label="Name"
        description="Free; the network's name where it is left out"
        placeholder={editing.name}
        value={editing.draft.name ?? ""}
        error={editing.errors.name}
        onChange={(event) => editing.change({ name: event.currentTarget.value || undefined })}
      />
      <Accordion variant="contained">
        <Accordion.Item value="more">
          <Accordion.Control>More fields</Accordion.Control>
          <Accordion.Panel>
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <NumberOf field="momentum" editing={editing} />
              <NumberOf field="weight_decay" editing={editing} />
              <ChoiceOf field="warmup" editing={editing} />
              <ChoiceOf field="precision" editing={editing} />
              <NumberOf field="evaluate_every" editing={editing} />
              <NumberOf field="checkpoint_every" editing={editing} />
            </SimpleGrid>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </>
  );
}

function DatasetOf({ editing }: { editing: Editing }) {
  const datasets = useQuery(datasetsQuery);
  const names = datasets.data?.items.map(({ name }) => name) ?? [];
  const about = datasets.data?.items.find(({ name }) => name === editing.draft.dataset)?.about;
  return (
    <Select
      label="Data set"
      description={about ?? "What it is trained on"}
      data={names}
      value={editing.draft.dataset ?? null}
      onChange={(dataset) => editing.change(onDataset(dataset))}
      error={editing.errors["spec.dataset"]}
      allowDeselect={false}
      searchable
    />
  );
}

/** Asked of your own data sets only. One that a link brought along is shown, so that it can be taken back. */
function FamilyOf({ editing }: { editing: Editing }) {
  const { dataset, family } = editing.draft;
  const datasets = useQuery(datasetsQuery);
  const chosen = datasets.data?.items.find(({ name }) => name === dataset);
  const isYourOwn = chosen !== undefined && chosen.kind !== "built-in";
  return isYourOwn || family ? <ChoiceOf field="family" editing={editing} /> : null;
}
