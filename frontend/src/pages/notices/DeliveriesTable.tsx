// What was sent, what waits for its next try, and what was given up; each can be sent again.
import { Badge, Button, Table, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Delivery, resendDelivery } from "../../api/channels";
import { Refusal } from "../../ui/Refusal";
import { ago, moment } from "../../units";

export function DeliveriesTable({ deliveries }: { deliveries: readonly Delivery[] }) {
  const queries = useQueryClient();
  const resend = useMutation({
    mutationFn: resendDelivery,
    onSettled: () => queries.invalidateQueries({ queryKey: ["deliveries"] }),
  });
  return (
    <>
      <Refusal error={resend.error} />
      <Table.ScrollContainer minWidth={340} type="native">
        <Table aria-label="deliveries" verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Notice</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th visibleFrom="sm">When</Table.Th>
              <Table.Th ta="right">Action</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {deliveries.map((delivery) => (
              <Table.Tr key={delivery.id}>
                <Table.Td>
                  <Text fw={600}>{delivery.title}</Text>
                  <Text size="xs" c="dimmed">
                    {delivery.sentence}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <State delivery={delivery} />
                </Table.Td>
                <Table.Td
                  visibleFrom="sm"
                  title={moment(delivery.created_at)}
                  style={{ whiteSpace: "nowrap" }}
                >
                  {ago(delivery.created_at, Date.now())}
                </Table.Td>
                <Table.Td ta="right">
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => resend.mutate(delivery.id)}
                    aria-label={`send again: ${delivery.title} to ${delivery.channel}`}
                  >
                    Send again
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

function State({ delivery: { channel, delivered_at, gave_up_at, error, tries } }: { delivery: Delivery }) {
  const [word, color] = delivered_at
    ? ["sent", "teal"]
    : gave_up_at
      ? ["given up", "red"]
      : ["waiting", "orange"];
  return (
    <>
      <Badge size="sm" color={color}>
        {word}
      </Badge>
      <Text size="xs" c="dimmed">
        {channel}, {tries === 1 ? "1 try" : `${tries} tries`}
      </Text>
      {error && <Text size="xs">{error}</Text>}
    </>
  );
}
