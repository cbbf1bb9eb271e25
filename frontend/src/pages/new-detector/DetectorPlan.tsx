// The plan of a detector that has not been started: its size, its cost, and its departures from the paper.
import { SimpleGrid, Text } from "@mantine/core";
import type { DetectionPlan } from "../../api/client";
import { PartsTable } from "../../network/PartsTable";
import { Findings } from "../../paper/Findings";
import { Fact } from "../../ui/Fact";
import { duration, formatCount, magnitude, size, timeLeft } from "../../units";

/** "ResNet-18, 12,390,017 parameters, about 5 min" */
export function Summary({ plan: { name, parameters, predicted_s } }: { plan: DetectionPlan }) {
  const time = predicted_s === null ? "" : `, about ${timeLeft(predicted_s)}`;
  return (
    <Text size="sm" c="dimmed">
      {`${name}, ${formatCount(parameters)} parameters${time}`}
    </Text>
  );
}

export function DetectorPlan({ plan }: { plan: DetectionPlan }) {
  return (
    <>
      <Text fw={600}>{plan.name} in Faster R-CNN</Text>
      <SimpleGrid cols={2} spacing="sm" verticalSpacing="xs">
        <Fact label="Parameters" value={formatCount(plan.parameters)} />
        <Fact label="Multiply-adds" value={magnitude(plan.multiply_adds)} />
        <Fact label="Weighted layers of the classifier" value={formatCount(plan.weighted_layers)} />
        <Fact label="Memory" value={size(plan.memory_bytes)} />
      </SimpleGrid>
      <Fact
        label="Predicted time"
        value={plan.predicted_s === null ? "unknown" : duration(plan.predicted_s)}
        note={plan.predicted_from}
      />
      <Findings findings={plan.findings} />
      <PartsTable network={plan} />
    </>
  );
}
