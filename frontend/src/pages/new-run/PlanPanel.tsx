// The plan of a run that has not been started: its size, its cost, and its departures from the paper.
import { Alert, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Plan } from "../../api/client";
import { Problem } from "../../api/problem";
import { Drawing } from "../../network/Drawing";
import { LayerTable } from "../../network/LayerTable";
import { Findings } from "../../paper/Findings";
import { Failed, Loading } from "../../ui/States";
import { counted, duration, magnitude, size } from "../../units";

export function PlanPanel({ query }: { query: UseQueryResult<Plan> }) {
  const isRefused = query.error instanceof Problem && query.error.status === 422;
  return (
    <Paper withBorder p="md" component="section" aria-label="plan" aria-busy={query.isFetching}>
      <Stack gap="sm">
        <Title order={2}>Plan</Title>
        {query.isPending && <Loading what="plan" />}
        {isRefused && <Alert color="red">{query.error?.message}</Alert>}
        {query.error && !isRefused && <Failed what="The plan" error={query.error} />}
        {query.data && !query.error && <Planned plan={query.data} />}
      </Stack>
    </Paper>
  );
}

function Planned({ plan }: { plan: Plan }) {
  return (
    <>
      <Text fw={600}>{plan.name}</Text>
      <SimpleGrid cols={2} spacing="sm" verticalSpacing="xs">
        <Fact label="Parameters" value={counted(plan.parameters)} />
        <Fact label="Multiply-adds" value={magnitude(plan.multiply_adds)} />
        <Fact label="Weighted layers" value={counted(plan.weighted_layers)} />
        <Fact label="Memory" value={size(plan.memory_bytes)} />
      </SimpleGrid>
      <Fact
        label="Predicted time"
        value={plan.predicted_s === null ? "unknown" : duration(plan.predicted_s)}
        note={plan.predicted_from}
      />
      <Findings findings={plan.findings} />
      <Drawing layers={plan.layers} />
      <LayerTable layers={plan.layers} />
    </>
  );
}

function Fact({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text style={{ fontVariantNumeric: "tabular-nums" }}>{value}</Text>
      {note && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </div>
  );
}
