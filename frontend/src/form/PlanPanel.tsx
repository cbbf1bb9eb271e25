// The panel beside a form: the plan of the draft, or the reason why the service refuses the draft.
import { Stack, Text, Title } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Problem } from "../api/problem";
import { Refusal } from "../ui/Refusal";
import { ErrorState, LoadingState } from "../ui/States";

type Props<Plan> = {
  query: UseQueryResult<Plan>;
  /** What must be chosen before there can be a plan. */
  missing?: string | undefined;
  children: (plan: Plan) => ReactNode;
};

export function PlanPanel<Plan>({ query, missing, children }: Props<Plan>) {
  const refusal = query.error instanceof Problem && !query.error.isAway ? query.error : undefined;
  return (
    <section className="section" aria-label="plan" aria-busy={query.isFetching}>
      <Stack gap="sm">
        <Title order={2}>Plan</Title>
        {missing ? (
          <Text size="sm" c="dimmed">
            {missing}
          </Text>
        ) : (
          query.isPending && <LoadingState what="plan" />
        )}
        {refusal && <Refusal error={refusal} />}
        {query.error && !refusal && <ErrorState what="The plan" error={query.error} />}
        {query.data !== undefined && !query.error && children(query.data)}
      </Stack>
    </section>
  );
}
