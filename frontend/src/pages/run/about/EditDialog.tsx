// The form for what people may change of a run at any time: its name, its tags and its notes.
import { Button, Group, Modal, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { messagesByField, Problem } from "../../../api/problem";
import { changeRun } from "../../../api/runs";
import type { Run } from "../../../api/types";
import { Refusal } from "../../../ui/Refusal";

export function EditDialog({ run, close }: { run: Run; close: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState(run.name);
  const [tags, setTags] = useState(run.tags);
  const [notes, setNotes] = useState(run.notes);
  const change = useMutation({
    mutationFn: () => changeRun(run.id, { name: name.trim(), tags, notes }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["run", run.id] });
      close();
    },
  });
  const errors = change.error instanceof Problem ? messagesByField(change.error) : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Modal opened onClose={close} title="Edit run" size="lg" closeButtonProps={{ "aria-label": "close" }}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            data-autofocus
            label="Name"
            value={name}
            error={errors.name ?? (name.trim() === "" && "A run has a name of at least one character.")}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TagsInput
            label="Tags"
            placeholder="Type a tag and press Enter"
            value={tags}
            error={errors.tags}
            onChange={setTags}
            acceptValueOnBlur
          />
          <Textarea
            label="Notes"
            description="Markdown. HTML stays text."
            autosize
            minRows={5}
            maxRows={16}
            value={notes}
            error={errors.notes}
            onChange={(event) => setNotes(event.currentTarget.value)}
          />
          {Object.keys(errors).length === 0 && <Refusal error={change.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={change.isPending} disabled={name.trim() === ""}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
