// Deletes a run, once it was said what goes with it.
import { Alert, Button, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { deleteRun, type Run } from "../api/client";
import { sizeQuery } from "../api/queries";
import { Explained } from "../shell/Explained";
import { counted, size } from "../units";
import { whyNotDelete } from "./moves";

export function DeleteButton({ run }: { run: Run }) {
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
      <Explained why={whyNotDelete(run)}>
        <Button variant="default" size="xs" onClick={open}>
          Delete
        </Button>
      </Explained>
      <Modal opened={isAsking} onClose={close} title={`Delete ${run.name}?`}>
        <Goes run={run} />
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

function Goes({ run }: { run: Run }) {
  const { data } = useQuery(sizeQuery(run.id));
  const files = data
    ? `, and ${counted(data.files)} files, ${size(data.total_bytes)} in all,`
    : ", and its files";
  return (
    <Text size="sm">
      Its curves of {counted(run.iteration)} iterations, its log and history{files} are really deleted, and
      cannot be had back.
    </Text>
  );
}
