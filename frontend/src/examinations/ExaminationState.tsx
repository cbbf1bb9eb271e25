// An examination's report, or its state while there is no report: waiting, running, failed or cancelled.
import { Alert, Button, Group, Loader, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { moveRun } from "../api/runs";
import type { Examination } from "../api/types";
import { isOpen } from "../run/progress";
import { QueryView } from "../ui/QueryView";
import { ExaminationLog } from "./ExaminationLog";
import { examinationQuery } from "./queries";
import { NOUNS } from "./words";

type Report = NonNullable<Examination["result"]>;
type Props<R extends Report> = {
  examination: Examination;
  /** Starts the examination again. */
  retry: (() => void) | undefined;
  children: (report: R) => ReactNode;
};

/** `R` is the report of the examination's kind. */
export function ExaminationState<R extends Report>({ examination, retry, children }: Props<R>) {
  const { id, kind, status, message } = examination;
  const noun = NOUNS[kind];
  const query = useQuery({ ...examinationQuery(id), enabled: status === "succeeded" });
  if (isOpen(examination)) return <PendingExamination examination={examination} />;
  if (status === "succeeded")
    return (
      <QueryView query={query} what={noun}>
        {({ result }) => result && children(result as R)}
      </QueryView>
    );
  return (
    <Stack gap="xs">
      <Alert
        color={status === "failed" ? "red" : "gray"}
        title={`The ${noun} ${status === "failed" ? "failed" : "was cancelled"}`}
      >
        {message && <Text size="sm">{message}</Text>}
        {retry && (
          <Button size="xs" variant="default" mt="xs" onClick={retry}>
            Try again
          </Button>
        )}
      </Alert>
      {status === "failed" && <ExaminationLog examination={examination} />}
    </Stack>
  );
}

function PendingExamination({ examination }: { examination: Examination }) {
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => moveRun(examination.id, "cancel"),
    onSettled: () => queries.invalidateQueries({ queryKey: ["examinations"] }),
  });
  return (
    <Group gap="sm" role="status" aria-label={`${NOUNS[examination.kind]}, in progress`}>
      <Loader size="xs" />
      <Text size="sm" c="dimmed">
        {examination.waits_for ?? "in progress …"}
      </Text>
      <Button size="compact-xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
        Cancel
      </Button>
      {cancel.error && <Text size="sm">{cancel.error.message}</Text>}
    </Group>
  );
}
