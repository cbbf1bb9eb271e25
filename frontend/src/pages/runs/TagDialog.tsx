// Adds a tag to the selected runs, or removes one from them.
import { Alert, Button, Group, Modal, Pill, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { changeRun } from "../../api/runs";
import type { Run } from "../../api/types";
import { forEach } from "../../run/forEach";
import { pluralize } from "../../units";

type Props = { runs: readonly Run[]; close: () => void; done: () => void };

export function TagDialog({ runs, close, done }: Props) {
  const [typed, setTyped] = useState("");
  const tag = typed.trim();
  const change = useMutation({
    mutationFn: (tagsOf: (run: Run) => string[]) =>
      forEach(runs, (run) => changeRun(run.id, { tags: tagsOf(run) })),
    onSettled: done,
    onSuccess: close,
  });
  const add = () => change.mutate(({ tags }) => [...tags.filter((other) => other !== tag), tag]);
  const remove = (old: string) => change.mutate(({ tags }) => tags.filter((other) => other !== old));
  const present = [...new Set(runs.flatMap(({ tags }) => tags))];
  return (
    <Modal
      opened
      onClose={close}
      title={`Tag ${pluralize(runs.length, "run")}`}
      closeButtonProps={{ "aria-label": "close" }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (tag) add();
        }}
      >
        <TextInput
          data-autofocus
          label="Tag"
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        {present.length > 0 && (
          <Group gap={6} mt="sm">
            <Text size="xs" c="dimmed">
              Remove:
            </Text>
            {present.map((old) => (
              <Pill
                key={old}
                withRemoveButton
                onRemove={() => remove(old)}
                removeButtonProps={{ "aria-label": `remove ${old}`, "aria-hidden": false, tabIndex: 0 }}
              >
                {old}
              </Pill>
            ))}
          </Group>
        )}
        {change.error && (
          <Alert color="red" mt="sm">
            {change.error.message}
          </Alert>
        )}
        <Group justify="flex-end" mt="md">
          <Button type="submit" loading={change.isPending} disabled={tag === ""}>
            Add tag
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
