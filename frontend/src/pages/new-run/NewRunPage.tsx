// The form for a new run, with a live plan of the run beside it.
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { planQuery } from "../../api/queries";
import { bodyOf } from "../../form/draft";
import { Summary } from "../../form/PlanFacts";
import { PlanPanel } from "../../form/PlanPanel";
import { RequestPage } from "../../form/RequestPage";
import { TaskChoice } from "../../form/TaskChoice";
import { useRunForm } from "../../form/useRunForm";
import { fieldsQuery } from "../../paper/queries";
import { LoadingState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { FieldHelp } from "./DraftFields";
import { Fields } from "./Fields";
import { RecipePicker } from "./RecipePicker";
import { RunPlan } from "./RunPlan";

export function NewRunPage() {
  const draft = useSearch({ from: "/new" });
  const navigate = useNavigate({ from: "/new" });
  const fields = useQuery(fieldsQuery);
  const { body, submit, plan, editing } = useRunForm({
    draft,
    bodyOf,
    planQuery,
    write: (change) => navigate({ search: (before) => ({ ...before, ...change }), replace: true }),
  });
  const family = editing.defaults.family === "imagenet" ? "imagenet" : "cifar";
  const helpOn = (path: string) => {
    const field = fields.data?.items.find((item) => item.field === path);
    return field && <FieldHelp field={field} family={family} />;
  };
  return (
    <RequestPage
      noun="run"
      {...{ body, submit }}
      intro={
        <>
          <TaskChoice value="/new" />
          <RecipePicker draft={draft} />
          <Text size="sm">
            Was the network trained elsewhere?{" "}
            <TextLink to="/import" underline="always">
              Import its result.
            </TextLink>
          </Text>
        </>
      }
      summary={plan.data && <Summary plan={plan.data} />}
      plan={<PlanPanel query={plan}>{(plan) => <RunPlan plan={plan} />}</PlanPanel>}
    >
      {/* The fields wait for their sentences, so that they don't move under the pointer. */}
      {fields.isPending ? <LoadingState what="form" /> : <Fields editing={{ ...editing, helpOn }} />}
    </RequestPage>
  );
}
