// The paper's claims in its own words: their comparisons, the recipes that test them, and their status in your studies.
import { Badge, Group, List, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ClaimStanding, PaperClaim } from "../../api/types";
import { citation } from "../../paper/cite";
import { claimsQuery } from "../../paper/queries";
import { Provisional } from "../../study/Attrition";
import { standingsQuery } from "../../study/queries";
import { VerdictBadge } from "../../study/VerdictBadge";
import { QueryView } from "../../ui/QueryView";
import { TextLink } from "../../ui/TextLink";
import { pluralize } from "../../units";
import { RecipeLinks } from "./RecipeLinks";

export function ClaimsPage() {
  const standings = useQuery(standingsQuery);
  return (
    <QueryView query={useQuery(claimsQuery)} what="claims">
      {({ items }) => (
        <Stack gap="md">
          {items.map((claim) => (
            <Claim
              key={claim.id}
              claim={claim}
              standings={standings.data?.items.filter((standing) => standing.claim === claim.id) ?? []}
            />
          ))}
        </Stack>
      )}
    </QueryView>
  );
}

type Standings = { standings: readonly ClaimStanding[] };

function Claim({ claim, standings }: { claim: PaperClaim } & Standings) {
  return (
    <section className="section" aria-label={claim.id} id={claim.id}>
      <Stack gap={6}>
        <Group gap="sm">
          <Title order={2} size="h4">
            {claim.sentence}
          </Title>
          {claim.untestable && <Badge color="gray">not testable here</Badge>}
        </Group>
        <Text size="sm" fs="italic" maw={760}>
          “{claim.quote}” <span style={{ fontStyle: "normal" }}>({citation(claim.section)})</span>
        </Text>
        {claim.untestable && <Text size="sm">{claim.untestable}</Text>}
        {claim.comparisons.length > 0 && (
          <List size="sm">
            {claim.comparisons.map((comparison) => (
              <List.Item key={comparison}>{comparison}</List.Item>
            ))}
          </List>
        )}
        {claim.recipes.length > 0 && (
          <Group gap="xs">
            <Text size="sm" fw={600}>
              Recipes that test this claim:
            </Text>
            <RecipeLinks names={claim.recipes} />
          </Group>
        )}
        {standings.length > 0 && <Ours standings={standings} />}
      </Stack>
    </section>
  );
}

/** The claim's status in your newest studies, the newest first. */
function Ours({ standings }: Standings) {
  return (
    <Stack gap={4} role="list" aria-label="status in your studies">
      {standings.map(
        ({ study, name, status, is_provisional, seeds, departures, dataset, scale, missing }) => (
          <Group key={study} gap="xs" role="listitem">
            <VerdictBadge outcome={status} />
            {is_provisional && <Provisional />}
            <TextLink to="/studies/$studyId" params={{ studyId: study }} size="sm">
              {name}
            </TextLink>
            <Text span size="xs" c="dimmed">
              {dataset} · scale {scale}
              {seeds && ` · ${seeds.replace(/\.$/, "")}`}
              {departures.length > 0 &&
                ` · departs from the protocol in ${pluralize(departures.length, "way")}`}
              {missing.length > 0 && ` · needs more runs of ${missing.join(", ")}`}
            </Text>
          </Group>
        ),
      )}
    </Stack>
  );
}
