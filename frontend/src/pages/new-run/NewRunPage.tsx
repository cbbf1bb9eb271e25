// The form for a new run, with a live plan of the run beside it.
import { Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { createRun, type Plan } from "../../api/client";
import { planQuery } from "../../api/queries";
import { bodyOf } from "../../form/draft";
import { PlanPanel } from "../../form/PlanPanel";
import { RequestPage } from "../../form/RequestPage";
import { fieldMessages, useSettled, useSubmit } from "../../form/request";
import { TaskChoice } from "../../form/TaskChoice";
import { fieldsQuery } from "../../paper/queries";
import { LoadingState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import type { Editing } from "./DraftFields";
import { Fields } from "./Fields";
import { RecipePicker } from "./RecipePicker";
import { RunPlan, Summary } from "./RunPlan";

export function NewRunPage() {
  const draft = useSearch({ from: "/new" });
  const navigate = useNavigate({ from: "/new" });
  const body = bodyOf(draft);
  const settled = useSettled(draft);
  const plan = useQuery({ ...planQuery(bodyOf(settled)), placeholderData: keepPreviousData });
  // A refused draft has no plan; the last plan still has the paper's values.
  const [lastPlan, setLastPlan] = useState<Plan>();
  if (plan.data && plan.data !== lastPlan) setLastPlan(plan.data);
  const fields = useQuery(fieldsQuery);
  const submit = useSubmit(body, {
    create: createRun,
    list: "runs",
    open: (runId) => navigate({ to: "/runs/$runId", params: { runId } }),
  });
  const editing: Editing = {
    draft,
    defaults: lastPlan?.spec ?? {},
    fields: Object.fromEntries(fields.data?.items.map((field) => [field.field, field]) ?? []),
    name: lastPlan?.name,
    errors: fieldMessages(submit.error, plan.error),
    change: (change) => {
      submit.reset();
      navigate({ search: (before) => ({ ...before, ...change }), replace: true });
    },
  };
  return (
    <RequestPage
      noun="run"
      {...{ body, submit }}
      intro={
        <>
          <TaskChoice value="/new" />
          <RecipePicker draft={draft} />
          <Text size="sm">
            Was the network trained elsewhere?{" "}
            <TextLink to="/import" underline="always">
              Import its result.
            </TextLink>
          </Text>
        </>
      }
      summary={plan.data && <Summary plan={plan.data} />}
      plan={<PlanPanel query={plan}>{(plan) => <RunPlan plan={plan} />}</PlanPanel>}
    >
      {/* The fields wait for their sentences, so that they don't move under the pointer. */}
      {fields.isPending ? <LoadingState what="form" /> : <Fields editing={editing} />}
    </RequestPage>
  );
}
