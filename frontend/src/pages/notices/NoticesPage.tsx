// Who is told of what: the channels, a form for another one, and what was sent or waits to be sent.
import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRefusal } from "../../api/rights";
import { PageTitle } from "../../ui/PageTitle";
import { QueryView } from "../../ui/QueryView";
import { Section } from "../../ui/Section";
import { EmptyState } from "../../ui/States";
import { ChannelForm } from "./ChannelForm";
import { ChannelsTable } from "./ChannelsTable";
import { DeliveriesTable } from "./DeliveriesTable";
import { channelsQuery, deliveriesQuery } from "./queries";

export function NoticesPage() {
  const refusal = useRefusal("administer");
  if (refusal)
    return (
      <Stack gap="lg">
        <PageTitle>Notices</PageTitle>
        <Text>{refusal}</Text>
      </Stack>
    );
  return <Notices />;
}

function Notices() {
  return (
    <Stack gap="lg">
      <PageTitle>Notices</PageTitle>
      <Section title="Channels">
        <QueryView query={useQuery(channelsQuery)} what="channels">
          {({ items }) =>
            items.length > 0 ? (
              <ChannelsTable channels={items} />
            ) : (
              <EmptyState title="No channels">
                <Text>Add one below, and the service tells it when runs end and when a worker is unfit.</Text>
              </EmptyState>
            )
          }
        </QueryView>
      </Section>
      <Section title="New channel">
        <ChannelForm />
      </Section>
      <Section title="Deliveries">
        <QueryView query={useQuery(deliveriesQuery)} what="deliveries">
          {({ items }) =>
            items.length > 0 ? (
              <DeliveriesTable deliveries={items} />
            ) : (
              <EmptyState title="No deliveries">
                <Text>Nothing was sent in the last 30 days.</Text>
              </EmptyState>
            )
          }
        </QueryView>
      </Section>
    </Stack>
  );
}
