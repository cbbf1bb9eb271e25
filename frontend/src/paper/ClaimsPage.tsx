// What the paper claims, in its own words: what each comes down to, and which recipe tests it.
import { Badge, Group, List, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { PaperClaim } from "../api/client";
import { Shown } from "../shell/Shown";
import { cited } from "./cite";
import { claimsQuery } from "./queries";
import { RecipeLinks } from "./RecipeLinks";

export function ClaimsPage() {
  return (
    <Shown query={useQuery(claimsQuery)} what="claims">
      {({ items }) => (
        <Stack gap="md">
          {items.map((claim) => (
            <Claim key={claim.id} claim={claim} />
          ))}
        </Stack>
      )}
    </Shown>
  );
}

function Claim({ claim }: { claim: PaperClaim }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={claim.id} id={claim.id}>
      <Stack gap={6}>
        <Group gap="sm">
          <Title order={2} size="h4">
            {claim.sentence}
          </Title>
          {claim.untestable && (
            <Badge color="gray" variant="light" tt="none">
              not testable here
            </Badge>
          )}
        </Group>
        <Text size="sm" fs="italic" maw={760}>
          “{claim.quote}” <span style={{ fontStyle: "normal" }}>({cited(claim.section)})</span>
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
              Tested by:
            </Text>
            <RecipeLinks names={claim.recipes} />
          </Group>
        )}
      </Stack>
    </Paper>
  );
}
