// The paper's claims that a study tests: how each stands, by which numbers, and what it still needs.
import { Box, Group, List, Stack, Text } from "@mantine/core";
import type { ClaimStatus } from "../../api/client";
import { cited } from "../../paper/cite";
import { VerdictBadge } from "../../study/VerdictBadge";
import { TextLink } from "../../ui/TextLink";

type Props = { claims: readonly ClaimStatus[]; isOpen: boolean };

/** `isOpen`: with the comparisons that each comes down to unfolded. */
export function Claims({ claims, isOpen }: Props) {
  if (claims.length === 0) return <Text c="dimmed">It tests none of the paper's claims in words.</Text>;
  return (
    <Stack gap="md" role="list" aria-label="claims">
      {claims.map((claim) => (
        <Claim key={claim.id} claim={claim} isOpen={isOpen} />
      ))}
    </Stack>
  );
}

function Claim({ claim, isOpen }: { claim: ClaimStatus; isOpen: boolean }) {
  const { id, sentence, section, status, because, parts, missing, departures } = claim;
  return (
    <Box role="listitem">
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <VerdictBadge outcome={status} />
        <Text size="sm">
          <TextLink to="/paper/claims" hash={id} size="sm" underline="always">
            {sentence}
          </TextLink>{" "}
          ({cited(section)})
        </Text>
      </Group>
      {because && <Text size="sm">{because}</Text>}
      {parts.length > 0 && (
        <details open={isOpen}>
          <summary>
            <Text span size="xs" c="dimmed">
              by what{missing.length > 0 && `; missing: ${missing.map(lack).join(", ")}`}
            </Text>
          </summary>
          <List size="xs" spacing={4} mt={4}>
            {parts.map((part) => (
              <List.Item key={part.sentence}>
                {part.sentence}: <b>{part.status}</b>
                {part.p_value !== null && `, p = ${Number(part.p_value.toPrecision(2))} (Holm)`}
                {part.note && `; ${part.note}`}
                {part.seen.some(({ runs }) => runs > 0) && (
                  <Text size="xs" c="dimmed">
                    {part.seen.map(seen).join("; ")}
                  </Text>
                )}
              </List.Item>
            ))}
          </List>
          {departures.length > 0 && (
            <Text size="xs" mt={4}>
              Its runs leave the paper's protocol: {departures.join("; ")}.
            </Text>
          )}
        </details>
      )}
    </Box>
  );
}

type Missing = ClaimStatus["missing"][number];
type Seen = ClaimStatus["parts"][number]["seen"][number];

const lack = ({ net, runs }: Missing): string => `${runs ?? "more than a hundred"} of ${net}`;

/** In whatever unit the claim speaks of: percent for most, so two decimals suit all. */
const seen = ({ net, runs, mean, std }: Seen): string =>
  mean === null ? `${net}: none yet` : `${net}: ${mean.toFixed(2)}${spread(std)}, n = ${runs}`;
const spread = (std: number | null): string => (std === null ? "" : `±${std.toFixed(2)}`);
