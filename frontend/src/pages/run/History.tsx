// A run's history: each change with its time.
import { List, Text } from "@mantine/core";
import type { Event } from "../../api/types";
import { clock, day, moment } from "../../units";
import { sentenceOf } from "./eventSentences";

export function History({ events }: { events: readonly Event[] }) {
  return (
    <List listStyleType="none" spacing={4} size="sm" aria-label="history">
      {events.map((event, index) => (
        <List.Item key={event.seq}>
          <Text
            span
            size="sm"
            c="dimmed"
            mr="sm"
            title={moment(event.at)}
            style={{ fontVariantNumeric: "tabular-nums" }}
          >
            {timeOf(event, events[index - 1])}
          </Text>
          {sentenceOf(event)}
        </List.Item>
      ))}
    </List>
  );
}

/** The time, with its date where it is another day than the previous event's. */
const timeOf = ({ at }: Event, before: Event | undefined): string =>
  before && day(before.at) === day(at) ? clock(at) : moment(at);
