// The paper's claims that a study tests: each claim's status, the numbers behind it, and the runs it still needs.
import { Box, Group, List, Stack, Text } from "@mantine/core";
import type { ClaimStatus, Study } from "../../api/types";
import { citation } from "../../paper/cite";
import { Provisional } from "../../study/Attrition";
import { neededRuns } from "../../study/neededRuns";
import { VerdictBadge } from "../../study/VerdictBadge";
import { TextLink } from "../../ui/TextLink";
import { pluralize } from "../../units";

type ClaimAttrition = Study["claim_attrition"][number];
type Props = { claims: readonly ClaimStatus[]; attrition: readonly ClaimAttrition[]; isOpen: boolean };

/** `isOpen` unfolds each claim's comparisons. */
export function Claims({ claims, attrition, isOpen }: Props) {
  const seeds = new Map(attrition.map((own) => [own.id, own]));
  if (claims.length === 0) return <Text c="dimmed">This study doesn't test any of the paper's claims.</Text>;
  return (
    <Stack gap="md" role="list" aria-label="claims">
      {claims.map((claim) => (
        <Claim key={claim.id} claim={claim} seeds={seeds.get(claim.id)} isOpen={isOpen} />
      ))}
    </Stack>
  );
}

type ClaimProps = { claim: ClaimStatus; seeds: ClaimAttrition | undefined; isOpen: boolean };

function Claim({ claim, seeds, isOpen }: ClaimProps) {
  const { id, sentence, section, status, reason, parts, missing, departures } = claim;
  return (
    <Box role="listitem">
      <Group gap="xs" align="flex-start">
        <VerdictBadge outcome={status} />
        {seeds?.is_provisional && <Provisional />}
        <Text size="sm" style={{ flex: "1 1 12rem" }}>
          <TextLink to="/paper/claims" hash={id} size="sm" underline="always">
            {sentence}
          </TextLink>{" "}
          ({citation(section)})
        </Text>
      </Group>
      {reason && <Text size="sm">{reason}</Text>}
      {seeds?.sentence && (
        <Text size="xs" c="dimmed">
          {seeds.sentence}
        </Text>
      )}
      {departures.length > 0 && (
        <Text size="xs" c="dimmed">
          The runs depart from the paper's protocol in {pluralize(departures.length, "way")}.
        </Text>
      )}
      {parts.length > 0 && (
        <details open={isOpen}>
          <summary>
            <Text span size="xs" c="dimmed">
              Comparisons{missing.length > 0 && ` · still needed: ${missing.map(neededRuns).join(", ")}`}
            </Text>
          </summary>
          <List size="xs" spacing={4} mt={4}>
            {parts.map((part) => (
              <List.Item key={part.sentence}>
                {part.sentence}: <b>{part.status}</b>
                {part.p_value !== null && `, p = ${Number(part.p_value.toPrecision(2))} (Holm)`}
                {part.note && `. ${part.note}`}
                {part.observations.some(({ runs }) => runs > 0) && (
                  <Text size="xs" c="dimmed">
                    {part.observations.map(describe).join("; ")}
                  </Text>
                )}
              </List.Item>
            ))}
          </List>
          {departures.length > 0 && (
            <>
              <Text size="xs" mt={4}>
                The runs depart from the paper's protocol:
              </Text>
              <List size="xs">
                {departures.map((departure) => (
                  <List.Item key={departure}>{departure}</List.Item>
                ))}
              </List>
            </>
          )}
        </details>
      )}
    </Box>
  );
}

type Observation = ClaimStatus["parts"][number]["observations"][number];

/** In the claim's own unit, mostly percent, so two decimals suit all. */
const describe = ({ net, runs, mean, std }: Observation): string =>
  mean === null ? `${net}: none yet` : `${net}: ${mean.toFixed(2)}${spread(std)}, n = ${runs}`;
const spread = (std: number | null): string => (std === null ? "" : `±${std.toFixed(2)}`);
