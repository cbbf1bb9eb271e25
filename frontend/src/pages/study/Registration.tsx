// What a study was registered with before its first run, what became of it, and the signed file to publish.
import { Anchor, List, Stack, Text } from "@mantine/core";
import { registrationPageUrl, registrationUrl } from "../../api/addresses";
import type { Study } from "../../api/types";
import { Fact } from "../../ui/Fact";
import { moment } from "../../units";

const ANCHOR = "registration";

type Registered = NonNullable<Study["registration"]>;

export function Registration({ study, registration }: { study: Study; registration: Registered }) {
  const { networks, departures } = registration;
  return (
    <Stack gap="sm">
      <Text size="sm" id={ANCHOR}>
        Registered {moment(registration.registered_at)}, before the first run was created.{" "}
        <Anchor
          size="sm"
          href={registrationUrl(study.id)}
          download={`${study.id}.registration.json`}
          underline="always"
        >
          Download the signed registration
        </Anchor>{" "}
        or{" "}
        <Anchor size="sm" href={registrationPageUrl(study.id)} target="_blank" underline="always">
          open it as a page to publish
        </Anchor>
      </Text>
      <Fact label="Question" value={registration.question} />
      <Fact label="Stopping rule" value={registration.stopping_rule} />
      <Fact label="Exclusion rule" value={registration.exclusion_rule} />
      <List size="sm" spacing={4} aria-label="what became of the registered runs">
        {networks.map(({ network, sentence }) => (
          <List.Item key={network}>
            <b>{network}:</b> {sentence}
          </List.Item>
        ))}
        {departures.map((sentence) => (
          <List.Item key={sentence}>
            <b>Departure:</b> {sentence}
          </List.Item>
        ))}
      </List>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        Signed by the key {registration.fingerprint}. SHA-256 {registration.sha256}. The time is this
        service's own. To prove it to others, publish the file or this hash before the runs end.
      </Text>
    </Stack>
  );
}

/** When the study was registered, as a link to what it was registered with. */
export const RegisteredAt = ({ registration }: { registration: Registered }) => (
  <Anchor size="sm" href={`#${ANCHOR}`} underline="always">
    registered {moment(registration.registered_at)}
  </Anchor>
);
