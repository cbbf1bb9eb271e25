// What the plans of both tasks have in common: the network's size, what a run will cost, and its departures.
import { SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { DetectionPlan, Plan } from "../api/types";
import { Findings } from "../paper/Findings";
import { Fact } from "../ui/Fact";
import { duration, formatCount, magnitude, size, timeLeft } from "../units";

type Common = Plan | DetectionPlan;

/** "ResNet-20 A, 269,722 parameters, about 4 min" */
export function Summary({ plan: { name, parameters, predicted_s } }: { plan: Common }) {
  const time = predicted_s === null ? "" : `, about ${timeLeft(predicted_s)}`;
  return (
    <Text size="sm" c="dimmed">
      {`${name}, ${formatCount(parameters)} parameters${time}`}
    </Text>
  );
}

type Props = { plan: Common; title: string; layers: string; children: ReactNode };

/** `layers` is the label of the number of weighted layers; the children show the network. */
export function PlanFacts({ plan, title, layers, children }: Props) {
  return (
    <>
      <Text fw={600}>{title}</Text>
      <SimpleGrid cols={2} spacing="sm" verticalSpacing="xs">
        <Fact label="Parameters" value={formatCount(plan.parameters)} />
        <Fact label="Multiply-adds" value={magnitude(plan.multiply_adds)} />
        <Fact label={layers} value={formatCount(plan.weighted_layers)} />
        <Fact label="Memory" value={size(plan.memory_bytes)} />
      </SimpleGrid>
      <Fact
        label="Predicted time"
        value={plan.predicted_s === null ? "unknown" : duration(plan.predicted_s)}
        note={plan.predicted_from}
      />
      <Findings findings={plan.findings} />
      {children}
    </>
  );
}
