// The plan of a run that has not been started: its size, its cost, and its departures from the paper.
import { SimpleGrid, Text } from "@mantine/core";
import type { Plan } from "../../api/client";
import { Drawing } from "../../network/Drawing";
import { LayerTable } from "../../network/LayerTable";
import { Findings } from "../../paper/Findings";
import { Fact } from "../../ui/Fact";
import { duration, formatCount, magnitude, size } from "../../units";

export function RunPlan({ plan }: { plan: Plan }) {
  return (
    <>
      <Text fw={600}>{plan.name}</Text>
      <SimpleGrid cols={2} spacing="sm" verticalSpacing="xs">
        <Fact label="Parameters" value={formatCount(plan.parameters)} />
        <Fact label="Multiply-adds" value={magnitude(plan.multiply_adds)} />
        <Fact label="Weighted layers" value={formatCount(plan.weighted_layers)} />
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
