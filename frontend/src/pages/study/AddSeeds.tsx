// Adds seeds to a study after its first results: a number that you choose, or as many as the planner expects to need.
import { Button, Group, List, Modal, NumberInput, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { messagesByField, Problem } from "../../api/problem";
import { addSeeds } from "../../api/studies";
import type { SeedsAdded, Study } from "../../api/types";
import { DisabledReason } from "../../ui/DisabledReason";
import { Refusal } from "../../ui/Refusal";
import { pluralize } from "../../units";

export function AddSeeds({ study, refusal }: { study: Study; refusal: string | undefined }) {
  const [isAsking, { open, close }] = useDisclosure();
  return (
    <>
      <DisabledReason why={refusal}>
        <Button variant="default" size="xs" onClick={open}>
          Add seeds
        </Button>
      </DisabledReason>
      <Modal opened={isAsking} onClose={close} title="Add seeds">
        <Form study={study} close={close} />
      </Modal>
    </>
  );
}

function Form({ study, close }: { study: Study; close: () => void }) {
  const [add, setAdd] = useState<number | undefined>(1);
  const [budget, setBudget] = useState<number>();
  const queries = useQueryClient();
  const adding = useMutation({
    mutationFn: () => addSeeds(study.id, { add: add ?? null, budget: budget ?? null }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["study", study.id] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    adding.mutate();
  };
  if (adding.data) return <Added added={adding.data.added} close={close} />;
  const errors = adding.error instanceof Problem ? messagesByField(adding.error) : {};
  return (
    <form onSubmit={submit}>
      <NumberInput
        label="Seeds per network"
        description="Empty: the planner adds as many seeds as it expects to need."
        value={add ?? ""}
        onChange={(value) => setAdd(typeof value === "number" ? value : undefined)}
        error={errors.add}
        min={1}
        clampBehavior="none"
        allowDecimal={false}
      />
      {study.budget === null && add === undefined && (
        <NumberInput
          mt="sm"
          label="Budget"
          description="The most seeds per network that the planner may use."
          value={budget ?? ""}
          onChange={(value) => setBudget(typeof value === "number" ? value : undefined)}
          error={errors.budget}
          min={1}
          clampBehavior="none"
          allowDecimal={false}
        />
      )}
      <Text size="sm" c="dimmed" mt="sm">
        Adding seeds after you have seen results makes the verdicts stricter, because the significance level
        is split between the analyses.
      </Text>
      <Refusal error={adding.error} />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={adding.isPending}>
          Add seeds
        </Button>
      </Group>
    </form>
  );
}

function Added({ added, close }: Pick<SeedsAdded, "added"> & { close: () => void }) {
  return (
    <>
      <List size="sm" role="status">
        {added.map(({ network, add, reason }) => (
          <List.Item key={network}>
            {network}: {pluralize(add, "seed")} added, {reason}
          </List.Item>
        ))}
      </List>
      <Group justify="flex-end" mt="md">
        <Button onClick={close}>Close</Button>
      </Group>
    </>
  );
}
