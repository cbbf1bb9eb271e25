// The dialog that deletes a study, and its runs if you wish, after it says what is deleted and what is kept.
import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { deleteStudy } from "../../api/studies";
import type { Study } from "../../api/types";
import { Refusal } from "../../ui/Refusal";
import { formatCount, pluralize } from "../../units";
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
          This permanently deletes the study's table, verdicts and certificate. A certificate that you have
          downloaded stays valid.{study.registration && " The registration is kept."}
        </Text>
        {own.length > 0 && (
          <Checkbox
            label={`Also delete the ${own.length === 1 ? "run" : `${formatCount(own.length)} runs`} made for this study`}
            description={
              whyNotWithRuns(study) ??
              `Deletes curves (${pluralize(iterationsOf(own), "iteration")}), logs, weights and all other files. Runs that also belong to another study are kept.`
            }
            checked={withRuns}
            disabled={whyNotWithRuns(study) !== undefined}
            onChange={({ target }) => setWithRuns(target.checked)}
          />
        )}
        {!withRuns && <Text size="sm">All runs are kept; training and waiting runs continue.</Text>}
        <Refusal error={remove.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate(withRuns)}>
            Delete permanently
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Deletes the study and leaves its page. */
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
