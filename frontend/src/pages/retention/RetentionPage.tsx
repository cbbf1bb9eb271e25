// What is deleted of old runs, and which are archived: the rules, and a new one, whose files are shown before it is set.
import { Stack, Text } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { listRules } from "../../api/retention";
import { useRefusal } from "../../api/rights";
import { PageTitle } from "../../ui/PageTitle";
import { QueryView } from "../../ui/QueryView";
import { Section } from "../../ui/Section";
import { EmptyState } from "../../ui/States";
import { NewRule } from "./NewRule";
import { RulesTable } from "./RulesTable";

const rulesQuery = queryOptions({ queryKey: ["retention"], queryFn: listRules });

export function RetentionPage() {
  const refusal = useRefusal("administer");
  return (
    <Stack gap="lg">
      <div>
        <PageTitle>Old files</PageTitle>
        <Text c="dimmed" maw={760}>
          A rule deletes checkpoints and weights of a project's runs some days after they have ended, or
          archives the runs: lists leave them out. Curves, results and logs are always kept, and so are the
          best and the last weights.
        </Text>
      </div>
      {refusal ? <Text>{refusal}</Text> : <Rules />}
    </Stack>
  );
}

function Rules() {
  return (
    <>
      <Section title="Rules">
        <QueryView query={useQuery(rulesQuery)} what="rules">
          {({ items }) =>
            items.length > 0 ? (
              <RulesTable rules={items} />
            ) : (
              <EmptyState title="No rules">
                <Text>Every file is kept until its run is deleted.</Text>
              </EmptyState>
            )
          }
        </QueryView>
      </Section>
      <Section title="New rule">
        <NewRule />
      </Section>
    </>
  );
}
