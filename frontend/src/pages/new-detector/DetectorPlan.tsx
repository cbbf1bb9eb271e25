// The plan of a detector that has not been started.
import type { DetectionPlan } from "../../api/types";
import { PlanFacts } from "../../form/PlanFacts";
import { PartsTable } from "../../network/PartsTable";

export const DetectorPlan = ({ plan }: { plan: DetectionPlan }) => (
  <PlanFacts plan={plan} title={`${plan.name} in Faster R-CNN`} layers="Weighted layers of the classifier">
    <PartsTable network={plan} />
  </PlanFacts>
);
