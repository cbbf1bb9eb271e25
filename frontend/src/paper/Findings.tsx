// Findings of the protocol check: a message and, unfolded, the paper's sentence and a known case.
import { Anchor, Box, Stack, Text } from "@mantine/core";
import type { Finding } from "../api/types";
import { citation, issueAddress } from "./cite";

export const COLORS: Record<Finding["severity"], string> = {
  departure: "orange",
  unknown: "grape",
  warning: "red",
  info: "cobalt",
};

export function Findings({ findings }: { findings: readonly Finding[] }) {
  if (findings.length === 0)
    return (
      <Text size="sm" c="var(--reslab-good)">
        Every field follows the paper's protocol.
      </Text>
    );
  return (
    <Stack gap="xs" role="list" aria-label="findings">
      {findings.map((finding) => (
        <Box
          key={finding.rule + finding.field + finding.message}
          role="listitem"
          pl="xs"
          style={{ borderLeft: `3px solid var(--mantine-color-${COLORS[finding.severity]}-6)` }}
        >
          <Text size="xs">
            <b>
              {capitalised(finding.severity)}, {finding.field.replaceAll("_", " ")}:
            </b>{" "}
            {finding.message}
          </Text>
          <Grounds finding={finding} />
        </Box>
      ))}
    </Stack>
  );
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

export function Grounds({ finding: { section, quote, casualty } }: { finding: Finding }) {
  if (!quote && !casualty) return null;
  return (
    <details>
      <summary>
        <Text span size="xs" c="dimmed">
          {section ? citation(section) : "known case"}
        </Text>
      </summary>
      {quote && (
        <Text size="xs" fs="italic">
          “{quote}”
        </Text>
      )}
      {casualty && (
        <Text size="xs">
          {casualty.text}{" "}
          <Anchor
            href={issueAddress(casualty.issue)}
            underline="always"
            target="_blank"
            rel="noreferrer"
            size="xs"
          >
            {casualty.issue}
          </Anchor>
        </Text>
      )}
    </details>
  );
}
