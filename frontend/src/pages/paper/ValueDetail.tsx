// The details of a number in the paper: how it was measured, doubts about it, recipes that test it, and your runs.
import { Badge, Group, List, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { listRuns } from "../../api/runs";
import type { PaperValue } from "../../api/types";
import { type Network, networkNamed } from "../../paper/network";
import { recipesQuery } from "../../paper/queries";
import { LinkButton } from "../../ui/LinkButton";
import { QueryView } from "../../ui/QueryView";
import { TextLink } from "../../ui/TextLink";
import { RecipeLinks } from "./RecipeLinks";
import { RunResult } from "./RunResult";

export function ValueDetail({ value }: { value: PaperValue }) {
  const network = networkNamed(value.network);
  return (
    <section className="section" aria-label={value.key}>
      <Stack gap="sm">
        <div>
          <Text size="xs" c="dimmed">
            {value.row}, {value.column}
          </Text>
          <Text size="xl" fw={600}>
            {value.printed} {value.printed.includes("[") ? "" : value.unit}
          </Text>
          <Text size="sm">{measured(value)}</Text>
        </div>
        {value.notes.map((note) => (
          <Text key={note} size="sm">
            <Badge size="xs" color="orange" mr="xs">
              note
            </Badge>
            {note}
          </Text>
        ))}
        <Title order={3} size="h5">
          Recipes that test this number
        </Title>
        <Group gap="sm">
          <RecipeLinks names={value.recipes} />
          {value.recipes[0] && <StudyLink recipe={value.recipes[0]} />}
        </Group>
        {network && value.recipes[0] && <OurRuns network={network} recipe={value.recipes[0]} />}
      </Stack>
    </section>
  );
}

/** Starts a study of the recipe. Three seeds are the fewest that show a spread. */
function StudyLink({ recipe }: { recipe: string }) {
  return (
    <LinkButton size="compact-xs" variant="light" to="/studies/new" search={{ recipe, seeds: 3 }}>
      New study
    </LinkButton>
  );
}

function measured({ metric, protocol, split, spread, unit }: PaperValue): string {
  const runs = spread
    ? [`best of ${spread.runs ?? "several"} runs: mean ${spread.mean}, std ${spread.std} ${unit ?? ""}`]
    : [];
  return [metric, protocol, split, ...runs].filter(Boolean).join(" · ");
}

/** Your newest runs of this network and their errors. Each run's own page says whether they are comparable. */
function OurRuns({ network: { depth, shortcut }, recipe }: { network: Network; recipe: string }) {
  const { data: recipes } = useQuery(recipesQuery);
  const family = recipes?.items.find(({ name }) => name === recipe)?.family;
  const query = useQuery({
    queryKey: ["runs", "of", depth, shortcut],
    queryFn: () => listRuns({ depth: [depth], shortcut: [shortcut], limit: 50 }),
  });
  return (
    <>
      <Title order={3} size="h5">
        Your runs
      </Title>
      <QueryView query={query} what="runs of this network">
        {({ items }) => {
          const ours = items.filter(({ spec }) => spec.family === family).slice(0, 5);
          if (ours.length === 0)
            return (
              <Group gap="xs">
                <Text size="sm" c="dimmed">
                  None yet.
                </Text>
                <TextLink size="sm" to="/new" search={{ depth, shortcut }}>
                  Train this network
                </TextLink>
              </Group>
            );
          return (
            <>
              <List listStyleType="none" spacing={4} size="sm">
                {ours.map((run) => (
                  <List.Item key={run.id}>
                    <TextLink to="/runs/$runId" params={{ runId: run.id }} size="sm">
                      {run.name}
                    </TextLink>{" "}
                    <RunResult run={run} />
                  </List.Item>
                ))}
              </List>
              <TextLink size="sm" to="/" search={{ depth, shortcut }}>
                Show all runs of this network
              </TextLink>
            </>
          );
        }}
      </QueryView>
    </>
  );
}
