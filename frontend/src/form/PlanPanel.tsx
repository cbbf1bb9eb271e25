// The panel beside a form: the plan of the draft, or the reason why the service refuses the draft.
import { Stack, Title } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Problem } from "../api/problem";
import { Refusal } from "../ui/Refusal";
import { ErrorState, LoadingState } from "../ui/States";

type Props<Plan> = { query: UseQueryResult<Plan>; children: (plan: Plan) => ReactNode };

export function PlanPanel<Plan>({ query, children }: Props<Plan>) {
  const refusal = query.error instanceof Problem && !query.error.isAway ? query.error : undefined;
  return (
    <section className="section" aria-label="plan" aria-busy={query.isFetching}>
      <Stack gap="sm">
        <Title order={2}>Plan</Title>
        {query.isPending && <LoadingState what="plan" />}
        {refusal && <Refusal error={refusal} />}
        {query.error && !refusal && <ErrorState what="The plan" error={query.error} />}
        {query.data !== undefined && !query.error && children(query.data)}
      </Stack>
    </section>
  );
}
