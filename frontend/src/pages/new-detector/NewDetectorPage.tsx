// The form for a new detection run (sec. 4.3), with a live plan of the run beside it.
import { Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { createRun, type DetectionPlan } from "../../api/client";
import { detectionPlanQuery } from "../../api/queries";
import { detectorBody } from "../../form/detectorDraft";
import { PlanPanel } from "../../form/PlanPanel";
import { RequestPage } from "../../form/RequestPage";
import { fieldMessages, useSettled, useSubmit } from "../../form/request";
import { TaskChoice } from "../../form/TaskChoice";
import { detectionFieldsQuery } from "../../paper/queries";
import { LoadingState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { DetectorFields } from "./DetectorFields";
import { DetectorPlan, Summary } from "./DetectorPlan";
import type { Editing } from "./inputs";

export function NewDetectorPage() {
  const draft = useSearch({ from: "/new/detector" });
  const navigate = useNavigate({ from: "/new/detector" });
  const body = detectorBody(draft);
  const settled = useSettled(draft);
  const plan = useQuery({
    ...detectionPlanQuery(detectorBody(settled)),
    placeholderData: keepPreviousData,
    enabled: settled.dataset !== undefined,
  });
  // A refused draft has no plan; the last plan still has the default values.
  const [lastPlan, setLastPlan] = useState<DetectionPlan>();
  if (plan.data && plan.data !== lastPlan) setLastPlan(plan.data);
  const fields = useQuery(detectionFieldsQuery);
  const submit = useSubmit(body, {
    create: createRun,
    list: "runs",
    open: (runId) => navigate({ to: "/runs/$runId", params: { runId } }),
  });
  const editing: Editing = {
    draft,
    defaults: lastPlan?.spec ?? {},
    about: Object.fromEntries(fields.data?.items.map(({ field, about }) => [field, about]) ?? []),
    name: lastPlan?.name,
    errors: fieldMessages(submit.error, plan.error),
    change: (change) => {
      submit.reset();
      navigate({ search: (before) => ({ ...before, ...change }), replace: true });
    },
  };
  return (
    <RequestPage
      noun="run"
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
      {fields.isPending ? <LoadingState what="form" /> : <DetectorFields editing={editing} />}
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
