// Asks for a fork: where it goes on from, and what is changed.
import { Alert, Button, Group, Modal, NumberInput, Select, SimpleGrid, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { type ForkRequest, forkRun, type Run } from "../../api/client";
import { messagesByField, Problem } from "../../api/problem";
import { useKey } from "../../api/useKey";
import { counted } from "../../units";

type Fork = { run: Run; kept: readonly number[]; close: () => void };

export function ForkDialog(fork: Fork) {
  const { run, close } = fork;
  return (
    <Modal opened onClose={close} title={`Fork ${run.name}`} closeButtonProps={{ "aria-label": "close" }}>
      <ForkForm {...fork} />
    </Modal>
  );
}

function ForkForm({ run, kept, close }: Fork) {
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
        It goes on from a checkpoint, and this run stays as it is. What is left empty stays as well.
      </Text>
      <SimpleGrid cols={2}>
        <Select
          label="From iteration"
          placeholder="The last one"
          data={kept.map((iteration) => ({ value: String(iteration), label: counted(iteration) }))}
          onChange={(value) => setBody({ ...body, iteration: Number(value) })}
          error={errors.iteration}
          allowDeselect={false}
        />
        <NumberInput
          label="Iterations"
          description="From the first run's start"
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
          Leave it
        </Button>
        <Button type="submit" loading={fork.isPending}>
          Start the fork
        </Button>
      </Group>
    </form>
  );
}
