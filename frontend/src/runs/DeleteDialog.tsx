// Deletes the selected runs, once it was said what goes with them.
import { Alert, Button, Group, List, Modal, Text } from "@mantine/core";
import { useMutation, useQueries } from "@tanstack/react-query";
import { deleteRun, type Run } from "../api/client";
import { checkpointsQuery } from "../api/queries";
import { counted, size } from "../units";
import { Failures, forEach } from "./forEach";

// Of more than these neither the names are listed nor the files counted.
const NAMED = 12;

type Props = { runs: readonly Run[]; close: () => void; done: (deleted: readonly string[]) => void };

export function DeleteDialog({ runs, close, done }: Props) {
  const remove = useMutation({
    mutationFn: () => forEach(runs, ({ id }) => deleteRun(id)),
    onSuccess: (deleted) => {
      done(deleted.map(({ id }) => id));
      close();
    },
    onError: (error) => error instanceof Failures && done(error.done.map(({ id }) => id)),
  });
  const iterations = runs.reduce((sum, { iteration }) => sum + iteration, 0);
  return (
    <Modal
      opened
      onClose={close}
      title={runs.length === 1 ? `Delete ${runs[0]?.name}?` : `Delete ${counted(runs.length)} runs?`}
      closeButtonProps={{ "aria-label": "close" }}
    >
      <List size="sm" mb="sm">
        {runs.slice(0, NAMED).map(({ id, name, spec }) => (
          <List.Item key={id}>
            {name}, seed {spec.seed}
          </List.Item>
        ))}
        {runs.length > NAMED && <List.Item>and {counted(runs.length - NAMED)} more</List.Item>}
      </List>
      <Text size="sm">
        Their curves of {counted(iterations)} iterations, their logs and histories
        <Files runs={runs} /> are really deleted, and cannot be had back.
      </Text>
      {remove.error && (
        <Alert color="red" mt="sm">
          {remove.error.message}
        </Alert>
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          Keep them
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
          Delete for ever
        </Button>
      </Group>
    </Modal>
  );
}

function Files({ runs }: { runs: readonly Run[] }) {
  const asked = runs.length <= NAMED ? runs : [];
  const answers = useQueries({ queries: asked.map(({ id }) => checkpointsQuery(id)) });
  const files = answers.flatMap(({ data }) => data?.items ?? []);
  if (asked.length === 0 || answers.some(({ data }) => !data)) return ", and all of their files";
  const bytes = files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  return `, and ${files.length === 1 ? "one file" : `${counted(files.length)} files`} of ${size(bytes)}`;
}
