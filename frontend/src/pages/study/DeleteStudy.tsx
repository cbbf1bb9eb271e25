// Deletes a study, and its runs with it where that is asked for, once it was said what goes and what stays.
import { Alert, Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { deleteStudy, type Study } from "../../api/client";
import { counted } from "../../units";
import { iterationsOf, ownRuns, whyNotWithRuns } from "./moves";

type Props = { study: Study; close: () => void };

export function DeleteStudy({ study, close }: Props) {
  const [withRuns, setWithRuns] = useState(false);
  const remove = useRemove(study);
  const own = ownRuns(study);
  return (
    <Modal
      opened
      onClose={close}
      title={`Delete ${study.name}?`}
      closeButtonProps={{ "aria-label": "close" }}
    >
      <Stack gap="sm">
        <Text size="sm">
          Its table, its verdicts and its certificate go, and cannot be had back: a certificate that was
          downloaded stays valid.
        </Text>
        {own.length > 0 && (
          <Checkbox
            label={`Delete the ${own.length === 1 ? "run" : `${counted(own.length)} runs`} made for it too`}
            description={
              whyNotWithRuns(study) ??
              `Curves of ${counted(iterationsOf(own))} iterations, logs, weights and all other files. Runs that are in another study, too, stay.`
            }
            checked={withRuns}
            disabled={whyNotWithRuns(study) !== undefined}
            onChange={({ target }) => setWithRuns(target.checked)}
          />
        )}
        {!withRuns && <Text size="sm">Its runs stay as they are, and go on where they train or wait.</Text>}
        {remove.error && <Alert color="red">{remove.error.message}</Alert>}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate(withRuns)}>
            Delete for ever
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Leaves the study's page, which is no more. */
function useRemove({ id }: Study) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (withRuns: boolean) => deleteStudy(id, withRuns),
    onSuccess: async () => {
      await navigate({ to: "/studies", replace: true });
      queries.removeQueries({ queryKey: ["study", id] });
      for (const key of ["studies", "runs", "standings"]) queries.invalidateQueries({ queryKey: [key] });
    },
  });
}
