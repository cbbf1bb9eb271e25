// The buttons of a run: pause, resume, cancel, retry, fork, delete. A disabled button says why.
import { Alert, Button, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRights } from "../../api/rights";
import { moveRun, retryRun } from "../../api/runs";
import type { Move, Run } from "../../api/types";
import { useKey } from "../../api/useKey";
import { DisabledReason } from "../../ui/DisabledReason";
import { EditButton } from "./about/EditButton";
import { DeleteButton } from "./DeleteButton";
import { ForkButton } from "./ForkButton";
import { isPausing, whyNot, whyNotRetry } from "./moves";

export function Actions({ run }: { run: Run }) {
  const queries = useQueryClient();
  const move = useMutation({
    mutationFn: (name: Move) => moveRun(run.id, name),
    onSettled: () => queries.invalidateQueries({ queryKey: ["run", run.id] }),
  });
  const retry = useRetry(run);
  const refusals = useRights([run])?.refusals ?? {};
  const moves: Move[] = [isPausing(run) ? "resume" : "pause", "cancel"];
  const error = move.error ?? retry.error;
  return (
    <div>
      <Group gap="xs">
        {moves.map((name) => (
          // One button whose word changes, so that the focus stays on it: the same key pauses and resumes.
          <DisabledReason key={name === "cancel" ? name : "pause"} why={refusals.change ?? whyNot(name, run)}>
            <Button
              variant="default"
              size="xs"
              tt="capitalize"
              aria-busy={move.isPending && move.variables === name}
              onClick={() => move.mutate(name)}
            >
              {name}
            </Button>
          </DisabledReason>
        ))}
        <DisabledReason why={refusals.submit ?? whyNotRetry(run)}>
          <Button variant="default" size="xs" loading={retry.isPending} onClick={() => retry.mutate()}>
            Retry
          </Button>
        </DisabledReason>
        <ForkButton run={run} refusal={refusals.submit} />
        <EditButton run={run} refusal={refusals.change} />
        <DeleteButton run={run} refusal={refusals.change} />
      </Group>
      {error && (
        <Alert color="red" mt="xs">
          {error.message}
        </Alert>
      )}
    </div>
  );
}

/** Starts the same run again as a new run, and opens it. A second click creates nothing twice. */
function useRetry(run: Run) {
  const navigate = useNavigate();
  const key = useKey(run.id);
  return useMutation({
    mutationFn: () => retryRun(run.id, key),
    onSuccess: ({ id }) => navigate({ to: "/runs/$runId", params: { runId: id } }),
  });
}
