// Adds a channel. A webhook's secret is shown once, here, to be put into its receiver.
import { Alert, Button, Checkbox, Code, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type ChannelKind, createChannel, type NoticeKind } from "../../api/channels";
import { CopyableCode } from "../../ui/CopyableCode";
import { Refusal } from "../../ui/Refusal";
import { KINDS } from "./kinds";

const ADDRESSES: Record<ChannelKind, string> = {
  webhook: "https://example.org/hook",
  slack: "https://hooks.slack.com/services/…",
  matrix: "https://matrix.org/!room:matrix.org",
  mail: "lab@example.org",
};
export function ChannelForm() {
  const [kind, setKind] = useState<ChannelKind>("webhook");
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const [secret, setSecret] = useState("");
  const [about, setAbout] = useState<NoticeKind[]>(KINDS.map(({ value }) => value));
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () => createChannel({ kind, name, address, about, secret: secret || null }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["channels"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit} aria-label="new channel">
      <Stack gap="sm" maw={560}>
        <NativeSelect
          label="Kind"
          data={Object.keys(ADDRESSES)}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as ChannelKind)}
        />
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
        />
        <TextInput
          label="Address"
          placeholder={ADDRESSES[kind]}
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          required
        />
        {kind === "matrix" && (
          <TextInput
            label="Access token"
            type="password"
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
            required
          />
        )}
        <Checkbox.Group
          label="Tell it when"
          value={about}
          onChange={(chosen) => setAbout(chosen as NoticeKind[])}
        >
          {KINDS.map(({ value, label }) => (
            <Checkbox key={value} value={value} label={label} mt={4} />
          ))}
        </Checkbox.Group>
        <Group>
          <Button type="submit" loading={create.isPending}>
            Add channel
          </Button>
        </Group>
        <Refusal title="The channel was not added" error={create.error} />
        {create.data?.secret && (
          <Alert color="teal" title={`${create.data.name} has been added`} role="status">
            <Text size="sm">
              Its messages are signed as <Code>Standard Webhooks</Code> defines. Copy the secret into the
              receiver now: it is not shown again.
            </Text>
            <CopyableCode label="secret">{create.data.secret}</CopyableCode>
          </Alert>
        )}
      </Stack>
    </form>
  );
}
