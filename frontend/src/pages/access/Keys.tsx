// The keys that you may revoke, and a form for a new one, whose token is shown once.
import { Button, Checkbox, Group, NumberInput, Stack, Table, Text, TextInput } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { createKey, type Key, listKeys, revokeKey, type Scope, type Session } from "../../api/access";
import { CopyableCode } from "../../ui/CopyableCode";
import { QueryView } from "../../ui/QueryView";
import { Refusal } from "../../ui/Refusal";
import { Section } from "../../ui/Section";
import { ago, moment } from "../../units";

const keysQuery = queryOptions({ queryKey: ["keys"], queryFn: listKeys });

export function Keys({ session }: { session: Session }) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: revokeKey,
    onSettled: () => queries.invalidateQueries({ queryKey: ["keys"] }),
  });
  return (
    <Section title="Keys">
      <Refusal error={revoke.error} />
      <QueryView query={useQuery(keysQuery)} what="keys">
        {({ items }) => (
          <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
            <Table aria-label="keys">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Key</Table.Th>
                  <Table.Th visibleFrom="sm">Scopes</Table.Th>
                  <Table.Th visibleFrom="sm">Last used</Table.Th>
                  <Table.Th>Ends</Table.Th>
                  <Table.Th />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((key) => (
                  <Row key={key.id} item={key} revoke={() => revoke.mutate(key.id)} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </QueryView>
      <NewKeyForm session={session} />
    </Section>
  );
}

function Row({ item, revoke }: { item: Key; revoke: () => void }) {
  const scopes = item.scopes.join(", ");
  const lastUse = item.last_used_at ? ago(item.last_used_at, Date.now()) : "never";
  return (
    <Table.Tr>
      <Table.Td>
        {item.name}
        <Text size="xs" c="dimmed">
          {item.owner}
        </Text>
        <Text hiddenFrom="sm" size="xs" c="dimmed">
          {scopes}, {item.last_used_at ? `last used ${lastUse}` : "never used"}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{scopes}</Table.Td>
      <Table.Td visibleFrom="sm">{lastUse}</Table.Td>
      <Table.Td>
        {item.revoked_at
          ? `revoked ${moment(item.revoked_at)}`
          : item.expires_at
            ? moment(item.expires_at)
            : "never"}
      </Table.Td>
      <Table.Td ta="right">
        {!item.revoked_at && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={revoke}
            aria-label={`revoke ${item.name} of ${item.owner}`}
          >
            Revoke
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function NewKeyForm({ session }: { session: Session }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read", "write"]);
  const [days, setDays] = useState<number | string>("");
  const [project, setProject] = useState("");
  const create = useMutation({
    mutationFn: () =>
      createKey({
        name: name.trim(),
        scopes,
        ...(typeof days === "number" && { expires_in_days: days }),
        ...(project.trim() && { project: project.trim() }),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["keys"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs" mt="md">
        <Group align="end">
          <TextInput
            label="Name of the new key"
            placeholder="laptop"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group gap="sm" pb={8}>
            {session.scopes.map((scope) => (
              <Checkbox
                key={scope}
                label={scope}
                checked={scopes.includes(scope)}
                onChange={({ currentTarget: { checked } }) =>
                  setScopes((chosen) =>
                    checked ? [...chosen, scope] : chosen.filter((other) => other !== scope),
                  )
                }
              />
            ))}
          </Group>
          <NumberInput
            label="Valid for (days)"
            placeholder="no limit"
            min={1}
            max={3650}
            value={days}
            onChange={setDays}
          />
          <TextInput
            label="For a program in project"
            placeholder="none: it is yours"
            value={project}
            onChange={(event) => setProject(event.currentTarget.value)}
          />
          <Button type="submit" loading={create.isPending} disabled={!name.trim() || scopes.length === 0}>
            Create key
          </Button>
        </Group>
        <Refusal error={create.error} />
        {create.data && (
          <>
            <Text size="sm">
              This is the key {create.data.name} of {create.data.owner}. Copy it now: it is not shown again.
            </Text>
            <CopyableCode label="token">{create.data.token}</CopyableCode>
          </>
        )}
      </Stack>
    </form>
  );
}
