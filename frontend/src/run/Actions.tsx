// What one can do to a run: cancel it, delete it, start another like it. A button that cannot says why.
import { Alert, Button, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { cancelRun, deleteRun, type Run } from "../api/client";
import { isOpen } from "../runs/progress";
import { Explained } from "../shell/Explained";

export function Actions({ run }: { run: Run }) {
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelRun(run.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["run", run.id] }),
  });
  return (
    <>
      <Group gap="xs">
        <Explained why={whyNotCancel(run)}>
          <Button variant="default" size="xs" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Button>
        </Explained>
        <DeleteButton run={run} />
      </Group>
      {cancel.error && <Alert color="red">{cancel.error.message}</Alert>}
    </>
  );
}

function DeleteButton({ run }: { run: Run }) {
  const [isAsking, { open, close }] = useDisclosure();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteRun(run.id),
    onSuccess: async () => {
      await navigate({ to: "/", replace: true });
      queries.removeQueries({ queryKey: ["run", run.id] });
      queries.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  return (
    <>
      <Explained
        why={run.status === "running" ? "A running run cannot be deleted: cancel it first." : undefined}
      >
        <Button variant="default" size="xs" onClick={open}>
          Delete
        </Button>
      </Explained>
      <Modal opened={isAsking} onClose={close} title={`Delete ${run.name}?`}>
        <Text size="sm">
          Its curves, log, checkpoints and weights are really deleted, and cannot be had back.
        </Text>
        {remove.error && <Alert color="red">{remove.error.message}</Alert>}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            Delete for ever
          </Button>
        </Group>
      </Modal>
    </>
  );
}

function whyNotCancel(run: Run): string | undefined {
  if (!isOpen(run)) return `The run has ended: it is ${run.status}.`;
  if (run.wish === "cancel") return "Cancelling already: the worker saves a last checkpoint first.";
  return undefined;
}
