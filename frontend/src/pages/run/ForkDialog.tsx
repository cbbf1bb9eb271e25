// The form for a fork: the checkpoint it continues from, and the fields to change.
import { Alert, Button, Group, Modal, NumberInput, Select, SimpleGrid, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { messagesByField, Problem } from "../../api/problem";
import { forkRun } from "../../api/runs";
import type { ForkRequest, Run } from "../../api/types";
import { useKey } from "../../api/useKey";
import { formatCount } from "../../units";

/** `checkpoints` are iterations. */
type Props = { run: Run; checkpoints: readonly number[]; close: () => void };

export function ForkDialog(props: Props) {
  const { run, close } = props;
  return (
    <Modal opened onClose={close} title={`Fork ${run.name}`} closeButtonProps={{ "aria-label": "close" }}>
      <ForkForm {...props} />
    </Modal>
  );
}

function ForkForm({ run, checkpoints, close }: Props) {
  const [body, setBody] = useState<ForkRequest>({ spec: {} });
  const navigate = useNavigate();
  const key = useKey(body);
  const fork = useMutation({
    mutationFn: () => forkRun(run.id, body, key),
    onSuccess: ({ id }) => navigate({ to: "/runs/$runId", params: { runId: id } }),
  });
  const errors = fork.error instanceof Problem ? messagesByField(fork.error) : {};
  const change = (field: "iterations" | "lr") => (value: number | string) => {
    const { [field]: _, ...rest } = body.spec;
    setBody({ ...body, spec: value === "" ? rest : { ...rest, [field]: Number(value) } });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    fork.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Text size="sm" c="dimmed" mb="sm">
        The fork continues from a checkpoint of this run, which itself doesn't change. An empty field keeps
        its value.
      </Text>
      <SimpleGrid cols={2}>
        <Select
          label="From iteration"
          placeholder="The last checkpoint"
          data={checkpoints.map((iteration) => ({ value: String(iteration), label: formatCount(iteration) }))}
          onChange={(value) => setBody({ ...body, iteration: Number(value) })}
          error={errors.iteration}
          allowDeselect={false}
        />
        <NumberInput
          label="Iterations"
          description="Counted from the start of the first run"
          inputWrapperOrder={["label", "input", "description", "error"]}
          placeholder={String(run.iterations)}
          onChange={change("iterations")}
          error={errors["spec.iterations"]}
        />
        <NumberInput
          label="Learning rate"
          placeholder={String(run.spec.lr ?? "")}
          onChange={change("lr")}
          error={errors["spec.lr"]}
          decimalScale={6}
          step={0.01}
        />
        <TextInput
          label="Name"
          placeholder={`${run.name} from …`}
          onChange={({ currentTarget: { value: name } }) => setBody({ ...body, name })}
          error={errors.name}
        />
      </SimpleGrid>
      {fork.error && (
        <Alert color="red" mt="md">
          {fork.error.message}
        </Alert>
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={fork.isPending}>
          Start fork
        </Button>
      </Group>
    </form>
  );
}
