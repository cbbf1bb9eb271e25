// What one can do to a run: pause, resume, cancel, retry, fork, delete. A button that cannot says why.
import { Alert, Button, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type Move, moveRun, type Run, retryRun } from "../../api/client";
import { useKey } from "../../api/useKey";
import { DisabledReason } from "../../ui/DisabledReason";
import { DeleteButton } from "./DeleteButton";
import { ForkButton } from "./ForkButton";
import { isPausing, whyNot, whyNotRetry } from "./moves";

export function Actions({ run }: { run: Run }) {
  const queries = useQueryClient();
  const move = useMutation({
    mutationFn: (wanted: Move) => moveRun(run.id, wanted),
    onSettled: () => queries.invalidateQueries({ queryKey: ["run", run.id] }),
  });
  const retry = useRetry(run);
  const moves: Move[] = [isPausing(run) ? "resume" : "pause", "cancel"];
  const error = move.error ?? retry.error;
  return (
    <div>
      <Group gap="xs">
        {moves.map((wanted) => (
          // One button that changes its word: whoever paused by keyboard resumes by the same key.
          <DisabledReason key={wanted === "cancel" ? wanted : "pause"} why={whyNot(wanted, run)}>
            <Button
              variant="default"
              size="xs"
              tt="capitalize"
              aria-busy={move.isPending && move.variables === wanted}
              onClick={() => move.mutate(wanted)}
            >
              {wanted}
            </Button>
          </DisabledReason>
        ))}
        <DisabledReason why={whyNotRetry(run)}>
          <Button variant="default" size="xs" loading={retry.isPending} onClick={() => retry.mutate()}>
            Retry
          </Button>
        </DisabledReason>
        <ForkButton run={run} />
        <DeleteButton run={run} />
      </Group>
      {error && (
        <Alert color="red" mt="xs">
          {error.message}
        </Alert>
      )}
    </div>
  );
}

/** The same once more, as a new run that is then shown. A second click is the same one. */
function useRetry(run: Run) {
  const navigate = useNavigate();
  const key = useKey(run.id);
  return useMutation({
    mutationFn: () => retryRun(run.id, key),
    onSuccess: ({ id }) => navigate({ to: "/runs/$runId", params: { runId: id } }),
  });
}
