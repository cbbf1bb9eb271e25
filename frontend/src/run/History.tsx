// How a run came to its state: each change with its time.
import { List, Text } from "@mantine/core";
import type { Event } from "../api/client";
import { clock, moment } from "../units";
import { inWords } from "./history";

export function History({ events }: { events: readonly Event[] }) {
  return (
    <List listStyleType="none" spacing={4} size="sm" aria-label="history">
      {events.map((event) => (
        <List.Item key={event.seq}>
          <Text
            span
            size="sm"
            c="dimmed"
            mr="sm"
            title={moment(event.at)}
            style={{ fontVariantNumeric: "tabular-nums" }}
          >
            {clock(event.at)}
          </Text>
          {inWords(event)}
        </List.Item>
      ))}
    </List>
  );
}
