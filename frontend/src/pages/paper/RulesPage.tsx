// The rules of the protocol check, with the paper's sentences and known cases.
import { Anchor, Badge, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { LintRule } from "../../api/types";
import { citation, issueAddress } from "../../paper/cite";
import { COLORS } from "../../paper/Findings";
import { rulesQuery } from "../../paper/queries";
import { QueryView } from "../../ui/QueryView";

const KINDS = [
  { looksAt: "spec", title: "Rules for specifications" },
  { looksAt: "result", title: "Rules for results" },
] as const;

export function RulesPage() {
  return (
    <QueryView query={useQuery(rulesQuery)} what="rules">
      {({ items }) => (
        <Stack gap="lg">
          {KINDS.map(({ looksAt, title }) => (
            <Stack key={looksAt} gap="sm" component="section" aria-label={title}>
              <Title order={2}>{title}</Title>
              {items
                .filter((rule) => rule.looks_at === looksAt)
                .map((rule) => (
                  <Rule key={rule.name} rule={rule} />
                ))}
            </Stack>
          ))}
        </Stack>
      )}
    </QueryView>
  );
}

function Rule({ rule }: { rule: LintRule }) {
  return (
    <div className="section" id={rule.name}>
      <Text>
        <b>{rule.name.replaceAll("-", " ")}</b>{" "}
        <Badge size="sm" color={COLORS[rule.severity]}>
          {rule.severity}
        </Badge>
      </Text>
      <Text size="sm">{rule.demands}</Text>
      {rule.sentences.map((sentence) => (
        <Text key={sentence.id} size="sm" fs="italic" maw={760}>
          “{sentence.text}” <span style={{ fontStyle: "normal" }}>({citation(sentence.section)})</span>
        </Text>
      ))}
      {rule.casualties.map((casualty) => (
        <Text key={casualty.issue} size="xs" c="dimmed">
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
      ))}
    </div>
  );
}
