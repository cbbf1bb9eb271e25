// The plan of a run that has not been started.
import type { Plan } from "../../api/types";
import { PlanFacts } from "../../form/PlanFacts";
import { Drawing } from "../../network/Drawing";
import { LayerTable } from "../../network/LayerTable";

export const RunPlan = ({ plan }: { plan: Plan }) => (
  <PlanFacts plan={plan} title={plan.name} layers="Weighted layers">
    <Drawing layers={plan.layers} />
    <LayerTable layers={plan.layers} />
  </PlanFacts>
);
