// The channels: where each leads, what it gets, and buttons that test, pause or delete it.
import { Badge, Button, Group, Table, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Channel, deleteChannel, pauseChannel, testChannel } from "../../api/channels";
import { Refusal } from "../../ui/Refusal";
import { inWords } from "./kinds";

export function ChannelsTable({ channels }: { channels: readonly Channel[] }) {
  const queries = useQueryClient();
  const onSettled = () =>
    Promise.all(["channels", "deliveries"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  const test = useMutation({ mutationFn: testChannel, onSettled });
  const remove = useMutation({ mutationFn: deleteChannel, onSettled });
  const pause = useMutation({ mutationFn: pauseChannel, onSettled });
  return (
    <>
      <Refusal error={test.error ?? remove.error ?? pause.error} />
      <Table.ScrollContainer minWidth={340} type="native">
        <Table aria-label="channels" verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Channel</Table.Th>
              <Table.Th visibleFrom="sm">Gets a message when</Table.Th>
              <Table.Th ta="right">Action</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {channels.map((channel) => (
              <Table.Tr key={channel.id}>
                <Table.Td>
                  <Text span fw={600} mr="xs">
                    {channel.name}
                  </Text>
                  <Badge size="sm" color={channel.paused_at ? "orange" : "gray"}>
                    {channel.paused_at ? "paused" : channel.kind}
                  </Badge>
                  <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                    {channel.address}
                  </Text>
                  <Text hiddenFrom="sm" size="xs">
                    Gets a message when {aboutOf(channel)}.
                  </Text>
                </Table.Td>
                <Table.Td visibleFrom="sm">
                  <Text size="xs">{aboutOf(channel)}</Text>
                </Table.Td>
                <Table.Td>
                  <Group gap="xs" justify="flex-end">
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() => test.mutate(channel.id)}
                      aria-label={`test ${channel.name}`}
                    >
                      Test
                    </Button>
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() => pause.mutate({ id: channel.id, isPaused: !channel.paused_at })}
                      aria-label={`${channel.paused_at ? "continue" : "pause"} ${channel.name}`}
                    >
                      {channel.paused_at ? "Continue" : "Pause"}
                    </Button>
                    <Button
                      size="compact-xs"
                      variant="default"
                      color="red"
                      onClick={() => remove.mutate(channel.id)}
                      aria-label={`delete ${channel.name}`}
                    >
                      Delete
                    </Button>
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

const aboutOf = ({ about, project }: Channel): string => inWords(about) + (project ? ` of ${project}` : "");
