// The plan of a run that has not been started: its size, its cost, and its departures from the paper.
import { SimpleGrid, Text } from "@mantine/core";
import type { Plan } from "../../api/client";
import { Drawing } from "../../network/Drawing";
import { LayerTable } from "../../network/LayerTable";
import { Findings } from "../../paper/Findings";
import { Fact } from "../../ui/Fact";
import { duration, formatCount, magnitude, size, timeLeft } from "../../units";

/** "ResNet-20 A, 269,722 parameters, about 4 min" */
export function Summary({ plan: { name, parameters, predicted_s } }: { plan: Plan }) {
  const time = predicted_s === null ? "" : `, about ${timeLeft(predicted_s)}`;
  return (
    <Text size="sm" c="dimmed">
      {`${name}, ${formatCount(parameters)} parameters${time}`}
    </Text>
  );
}

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
