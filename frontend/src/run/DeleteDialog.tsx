// Deletes one or more runs, after it has said what is deleted and how much that is.

import { Alert, Button, Group, List, Modal, Text } from "@mantine/core";
import { useMutation, useQueries } from "@tanstack/react-query";
import { sizeQuery } from "../api/queries";
import { deleteRun } from "../api/runs";
import type { Run } from "../api/types";
import { formatCount, pluralize, size } from "../units";
import { Failures, forEach } from "./forEach";
import { specText } from "./spec";

// With more runs than this, the dialog lists only the first names and counts no bytes.
const MOST_LISTED = 12;

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
  const isSingle = runs.length === 1;
  const iterations = runs.reduce((sum, { iteration }) => sum + iteration, 0);
  return (
    <Modal
      opened
      onClose={close}
      title={isSingle ? `Delete ${runs[0]?.name}?` : `Delete ${formatCount(runs.length)} runs?`}
      closeButtonProps={{ "aria-label": "close" }}
    >
      {!isSingle && (
        <List size="sm" mb="sm">
          {runs.slice(0, MOST_LISTED).map((run) => (
            <List.Item key={run.id}>
              {run.name}, seed {specText(run, "seed")}
            </List.Item>
          ))}
          {runs.length > MOST_LISTED && (
            <List.Item>and {formatCount(runs.length - MOST_LISTED)} more</List.Item>
          )}
        </List>
      )}
      <Text size="sm">
        This permanently deletes the curves ({formatCount(iterations)} iterations), the{" "}
        {isSingle ? "log and the history" : "logs and the histories"}, and <FileCount runs={runs} />.
        {runs.some(({ status }) => status === "succeeded") &&
          ` Evaluations of ${isSingle ? "this run's" : "these runs'"} weights are deleted too, also those of an ensemble.`}
      </Text>
      {remove.error && (
        <Alert color="red" mt="sm">
          {remove.error.message}
        </Alert>
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
          Delete permanently
        </Button>
      </Group>
    </Modal>
  );
}

/** How many files the runs have, and their total size. */
function FileCount({ runs }: { runs: readonly Run[] }) {
  const measured = runs.length <= MOST_LISTED ? runs : [];
  const answers = useQueries({ queries: measured.map(({ id }) => sizeQuery(id)) });
  const sizes = answers.flatMap(({ data }) => data ?? []);
  if (measured.length === 0 || sizes.length < measured.length) return "all files";
  const files = sizes.reduce((sum, { files }) => sum + files, 0);
  const bytes = sizes.reduce((sum, { total_bytes }) => sum + total_bytes, 0);
  return `${pluralize(files, "file")} (${size(bytes)})`;
}
