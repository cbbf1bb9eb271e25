// The form for a new run, with a live plan of the run beside it.
import { Alert, Button, Grid, Group, Stack, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { createRun, type Plan } from "../../api/client";
import { messagesByField, Problem } from "../../api/problem";
import { planQuery } from "../../api/queries";
import { useKey } from "../../api/useKey";
import { bodyOf, curlOf } from "../../form/draft";
import { fieldsQuery } from "../../paper/queries";
import { CopyableCode } from "../../ui/CopyableCode";
import { Loading } from "../../ui/States";
import type { Editing } from "./DraftFields";
import { Fields } from "./Fields";
import { PlanPanel } from "./PlanPanel";
import { RecipePicker } from "./RecipePicker";

// Long enough that typing 64000 sends one or two requests, not five.
const TYPING_MS = 250;

export function NewRunPage() {
  const draft = useSearch({ from: "/new" });
  const navigate = useNavigate({ from: "/new" });
  const body = bodyOf(draft);
  const [settled] = useDebouncedValue(draft, TYPING_MS);
  const plan = useQuery({ ...planQuery(bodyOf(settled)), placeholderData: keepPreviousData });
  // A refused draft has no plan; the last plan still has the paper's values.
  const [known, setKnown] = useState<Plan>();
  if (plan.data && plan.data !== known) setKnown(plan.data);
  const fields = useQuery(fieldsQuery);
  const submit = useSubmit(body);
  const refusal = [submit.error, plan.error].find(
    (error) => error instanceof Problem && error.status === 422,
  );
  const editing: Editing = {
    draft,
    defaults: known?.spec ?? {},
    fields: Object.fromEntries(fields.data?.items.map((field) => [field.field, field]) ?? []),
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
      <RecipePicker draft={draft} />
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              submit.mutate();
            }}
          >
            <Stack gap="md">
              {/* The fields wait for their sentences, so that they don't move under the pointer. */}
              {fields.isPending ? <Loading what="form" /> : <Fields editing={editing} />}
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
            <Title order={2}>The same request with curl</Title>
            <CopyableCode label="curl command">{curlOf(body, location.origin)}</CopyableCode>
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
