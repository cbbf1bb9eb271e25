// The form for a new study, with a live plan of the study beside it.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { createStudy } from "../../api/studies";
import { PlanPanel } from "../../form/PlanPanel";
import { RequestPage } from "../../form/RequestPage";
import { fieldMessages, useSettled, useSubmit } from "../../form/request";
import { bodyOf } from "../../form/studyDraft";
import { studyPlanQuery } from "../../study/queries";
import { type Editing, StudyFields } from "./StudyFields";
import { StudyPlanDetails } from "./StudyPlanDetails";

export function NewStudyPage() {
  const draft = useSearch({ from: "/studies/new" });
  const navigate = useNavigate({ from: "/studies/new" });
  const body = bodyOf(draft);
  const settled = useSettled(draft);
  const plan = useQuery({ ...studyPlanQuery(bodyOf(settled)), placeholderData: keepPreviousData });
  const submit = useSubmit(body, {
    create: createStudy,
    list: "studies",
    open: (studyId) => navigate({ to: "/studies/$studyId", params: { studyId } }),
  });
  const editing: Editing = {
    draft,
    errors: fieldMessages(submit.error, plan.error),
    change: (change) => {
      submit.reset();
      navigate({ search: (before) => ({ ...before, ...change }), replace: true });
    },
  };
  return (
    <RequestPage
      noun="study"
      {...{ body, submit }}
      plan={<PlanPanel query={plan}>{(plan) => <StudyPlanDetails plan={plan} />}</PlanPanel>}
    >
      <StudyFields editing={editing} />
    </RequestPage>
  );
}
