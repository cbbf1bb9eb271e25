// An examination's report, or its state while there is no report: waiting, running, failed or cancelled.
import { Alert, Button, Group, Loader, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type Examination, moveRun } from "../api/client";
import { isOpen } from "../run/progress";
import { QueryView } from "../ui/QueryView";
import { ExaminationLog } from "./ExaminationLog";
import { examinationQuery } from "./queries";

type Report = NonNullable<Examination["result"]>;
type Props<R extends Report> = {
  examination: Examination;
  /** In lower case: "layer responses". */
  what: string;
  /** Starts the examination again. */
  again: (() => void) | undefined;
  children: (report: R) => ReactNode;
};

/** `R` is the report of the examination's kind. */
export function ExaminationState<R extends Report>({ examination, what, again, children }: Props<R>) {
  const { id, status, message } = examination;
  const query = useQuery({ ...examinationQuery(id), enabled: status === "succeeded" });
  if (isOpen(examination)) return <UnderWay examination={examination} what={what} />;
  if (status === "succeeded")
    return (
      <QueryView query={query} what={what}>
        {({ result }) => result && children(result as R)}
      </QueryView>
    );
  return (
    <Stack gap="xs">
      <Alert
        color={status === "failed" ? "red" : "gray"}
        title={status === "failed" ? `The ${what} could not be found out` : "Cancelled"}
      >
        <Text size="sm">{message ?? "It was cancelled before it had an answer."}</Text>
        {again && (
          <Button size="xs" variant="default" mt="xs" onClick={again}>
            Try again
          </Button>
        )}
      </Alert>
      {status === "failed" && <ExaminationLog examination={examination} what={what} />}
    </Stack>
  );
}

function UnderWay({ examination, what }: { examination: Examination; what: string }) {
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => moveRun(examination.id, "cancel"),
    onSettled: () => queries.invalidateQueries({ queryKey: ["examinations"] }),
  });
  return (
    <Group gap="sm" role="status" aria-label={`${what}, in progress`}>
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
