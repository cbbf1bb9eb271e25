// The form for a new detection run (sec. 4.3), with a live plan of the run beside it.
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { detectionPlanQuery } from "../../api/queries";
import { type DetectorDraft, detectorBody } from "../../form/detectorDraft";
import { Summary } from "../../form/PlanFacts";
import { PlanPanel } from "../../form/PlanPanel";
import { RequestPage } from "../../form/RequestPage";
import { TaskChoice } from "../../form/TaskChoice";
import { useRunForm } from "../../form/useRunForm";
import { detectionFieldsQuery } from "../../paper/queries";
import { LoadingState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { DetectorFields } from "./DetectorFields";
import { DetectorPlan } from "./DetectorPlan";

export function NewDetectorPage() {
  const draft = useSearch({ from: "/new/detector" });
  const navigate = useNavigate({ from: "/new/detector" });
  const fields = useQuery(detectionFieldsQuery);
  const { body, submit, plan, editing } = useRunForm({
    draft,
    bodyOf: detectorBody,
    planQuery: detectionPlanQuery,
    isPlanned: ({ dataset }: DetectorDraft) => dataset !== undefined,
    write: (change) => navigate({ search: (before) => ({ ...before, ...change }), replace: true }),
  });
  const helpOn = (path: string) => fields.data?.items.find(({ field }) => field === path)?.about;
  return (
    <RequestPage
      noun="run"
      tab="New detector"
      {...{ body, submit }}
      intro={
        <>
          <TaskChoice value="/new/detector" />
          <Text size="sm">
            Faster R-CNN on a data set with boxes. An empty field has the value of the paper, or of its
            reference [32]; pfr is py-faster-rcnn, the code of [32]. Fill in the paper's own runs:{" "}
            <Original table={7} dataset="voc07+12" network="resnet101" />,{" "}
            <Original table={7} dataset="voc07+12" network="vgg16" />,{" "}
            <Original table={8} dataset="coco" network="resnet101" />,{" "}
            <Original table={8} dataset="coco" network="vgg16" />.
          </Text>
        </>
      }
      summary={plan.data && <Summary plan={plan.data} />}
      plan={
        <PlanPanel query={plan} missing={draft.dataset ? undefined : "Choose a data set to see the plan."}>
          {(plan) => <DetectorPlan plan={plan} />}
        </PlanPanel>
      }
    >
      {/* The fields wait for their sentences, so that they don't move under the pointer. */}
      {fields.isPending ? <LoadingState what="form" /> : <DetectorFields editing={{ ...editing, helpOn }} />}
    </RequestPage>
  );
}

/** A link that fills the form with a row of the paper's tables. */
function Original({
  table,
  dataset,
  network,
}: {
  table: number;
  dataset: string;
  network: "resnet101" | "vgg16";
}) {
  return (
    <TextLink to="/new/detector" search={{ dataset, network, training: "four_step" }} underline="always">
      Table {table}, {network === "vgg16" ? "VGG-16" : "ResNet-101"}
    </TextLink>
  );
}
