// Deletes runs, one or many, once it was said what goes with them and how much it is.
import { Alert, Button, Group, List, Modal, Text } from "@mantine/core";
import { useMutation, useQueries } from "@tanstack/react-query";
import { deleteRun, type Run } from "../api/client";
import { sizeQuery } from "../api/queries";
import { counted, size } from "../units";
import { Failures, forEach } from "./forEach";

// Of more than these neither the names are listed nor the bytes counted.
const NAMED = 12;

type Props = { runs: readonly Run[]; close: () => void; done: (deleted: readonly string[]) => void };

export function DeleteDialog({ runs, close, done }: Props) {
  const remove = useMutation({
    mutationFn: () => forEach(runs, ({ id }) => deleteRun(id)),
    onSuccess: (deleted) => {
      done(deleted.map(({ id }) => id));
      close();
    },
    onError: (error) => {
      if (error instanceof Failures && error.done.length > 0) done(error.done.map(({ id }) => id));
    },
  });
  const isOne = runs.length === 1;
  const iterations = runs.reduce((sum, { iteration }) => sum + iteration, 0);
  return (
    <Modal
      opened
      onClose={close}
      title={isOne ? `Delete ${runs[0]?.name}?` : `Delete ${counted(runs.length)} runs?`}
      closeButtonProps={{ "aria-label": "close" }}
    >
      {!isOne && (
        <List size="sm" mb="sm">
          {runs.slice(0, NAMED).map(({ id, name, spec }) => (
            <List.Item key={id}>
              {name}, seed {spec.seed}
            </List.Item>
          ))}
          {runs.length > NAMED && <List.Item>and {counted(runs.length - NAMED)} more</List.Item>}
        </List>
      )}
      <Text size="sm">
        {isOne ? "Its" : "Their"} curves of {counted(iterations)} iterations,{" "}
        {isOne ? "log and history" : "logs and histories"}, and <Files runs={runs} /> are really deleted, and
        cannot be had back.
        {runs.some(({ status }) => status === "succeeded") &&
          ` Examinations of ${isOne ? "its" : "their"} weights go as well, also those of an ensemble.`}
      </Text>
      {remove.error && (
        <Alert color="red" mt="sm">
          {remove.error.message}
        </Alert>
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          {isOne ? "Keep it" : "Keep them"}
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
          Delete for ever
        </Button>
      </Group>
    </Modal>
  );
}

/** How many, and what all of it occupies. */
function Files({ runs }: { runs: readonly Run[] }) {
  const asked = runs.length <= NAMED ? runs : [];
  const answers = useQueries({ queries: asked.map(({ id }) => sizeQuery(id)) });
  const sizes = answers.flatMap(({ data }) => data ?? []);
  if (asked.length === 0 || sizes.length < asked.length) return "all files";
  const files = sizes.reduce((sum, { files }) => sum + files, 0);
  const bytes = sizes.reduce((sum, { total_bytes }) => sum + total_bytes, 0);
  return `${files === 1 ? "one file" : `${counted(files)} files`}, ${size(bytes)} in all,`;
}
