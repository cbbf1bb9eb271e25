// For administrators: everybody who may sign in.
import { Button, Checkbox, Group, Table, Text, TextInput } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { addPerson, changePerson, listPeople, type Person } from "../../api/access";
import { QueryView } from "../../ui/QueryView";
import { Refusal } from "../../ui/Refusal";
import { Section } from "../../ui/Section";

type Change = { name: string } & Parameters<typeof changePerson>[1];

const peopleQuery = queryOptions({ queryKey: ["people"], queryFn: listPeople });

export function People() {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: ["people"] });
  const [name, setName] = useState("");
  const add = useMutation({ mutationFn: () => addPerson(name.trim()), onSettled });
  const change = useMutation({
    mutationFn: ({ name, ...body }: Change) => changePerson(name, body),
    onSettled,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Section title="People">
      <Refusal error={change.error} />
      <QueryView query={useQuery(peopleQuery)} what="people">
        {({ items }) => (
          <Table.ScrollContainer minWidth={340} type="native" tabIndex={0}>
            <Table aria-label="people">
              <Table.Tbody>
                {items.map((person) => (
                  <Row key={person.name} person={person} change={(body) => change.mutate(body)} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </QueryView>
      <form onSubmit={submit}>
        <Group align="end" mt="md">
          <TextInput
            label="Name of the new person"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={add.isPending} disabled={!name.trim()}>
            Add person
          </Button>
        </Group>
        <Refusal error={add.error} />
      </form>
    </Section>
  );
}

function Row({ person, change }: { person: Person; change: (change: Change) => void }) {
  const { name } = person;
  const roles = Object.entries(person.roles).map(([project, role]) => `${project}: ${role}`);
  return (
    <Table.Tr>
      <Table.Td>
        {name}
        <Text size="xs" c="dimmed">
          {[person.is_service && "a program's account", ...roles].filter(Boolean).join(", ")}
        </Text>
      </Table.Td>
      <Table.Td>
        <Checkbox
          label="Administrator"
          aria-label={`${name} is an administrator`}
          checked={person.is_administrator}
          disabled={person.is_service}
          onChange={(event) => change({ name, is_administrator: event.currentTarget.checked })}
        />
      </Table.Td>
      <Table.Td>
        <Checkbox
          label="May sign in"
          aria-label={`${name} may sign in`}
          checked={person.disabled_at === null}
          onChange={(event) => change({ name, is_disabled: !event.currentTarget.checked })}
        />
      </Table.Td>
    </Table.Tr>
  );
}
