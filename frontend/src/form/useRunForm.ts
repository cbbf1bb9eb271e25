// A run's form at work, for both tasks: the draft in the address, its plan, and the request that starts the run.
import { keepPreviousData, type UseQueryOptions, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createRun } from "../api/runs";
import type { DetectionPlan, Plan, RunRequest } from "../api/types";
import { fieldMessages, useSettled, useSubmit } from "./request";

type Form<Draft, P> = {
  draft: Draft;
  bodyOf: (draft: Draft) => RunRequest;
  planQuery: (request: RunRequest) => UseQueryOptions<P, Error, P, (string | RunRequest)[]>;
  /** Whether there is something to plan. */
  isPlanned?: (draft: Draft) => boolean;
  /** Writes a part of the draft into the address. */
  write: (change: Draft) => void;
};

export function useRunForm<Draft, P extends Plan | DetectionPlan>(form: Form<Draft, P>) {
  const { draft, bodyOf, planQuery, isPlanned = () => true, write } = form;
  const navigate = useNavigate();
  const body = bodyOf(draft);
  const settled = useSettled(draft);
  const plan = useQuery({
    ...planQuery(bodyOf(settled)),
    placeholderData: keepPreviousData,
    enabled: isPlanned(settled),
  });
  // A refused draft has no plan; the last plan still has the default values.
  const [lastPlan, setLastPlan] = useState<P>();
  if (plan.data && plan.data !== lastPlan) setLastPlan(plan.data);
  const submit = useSubmit(body, {
    create: createRun,
    list: "runs",
    open: (runId) => navigate({ to: "/runs/$runId", params: { runId } }),
  });
  const editing = {
    draft,
    defaults: (lastPlan?.spec ?? {}) as Record<string, unknown>,
    name: lastPlan?.name,
    errors: fieldMessages(submit.error, plan.error),
    change: (change: Draft) => {
      submit.reset();
      write(change);
    },
  };
  return { body, submit, plan, editing };
}
