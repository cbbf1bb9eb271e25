// One experiment of the paper: its networks, the numbers that they test, and links to run it.
import { Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Recipe } from "../../api/types";
import { draftOf } from "../../form/recipe";
import { citation, locationOf } from "../../paper/cite";
import { recipeQuery } from "../../paper/queries";
import { LinkButton } from "../../ui/LinkButton";
import { QueryView } from "../../ui/QueryView";
import { TextLink } from "../../ui/TextLink";
import { formatCount } from "../../units";
import { KINDS } from "./RecipesPage";

export function RecipePage() {
  const { name } = useParams({ from: "/paper/recipes/$name" });
  return (
    <QueryView query={useQuery(recipeQuery(name))} what="recipe">
      {({ recipe, members }) => (
        <Stack gap="md">
          <Head recipe={recipe} />
          <Table.ScrollContainer minWidth={0} type="native">
            <Table aria-label="networks of the recipe" verticalSpacing="sm">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Network</Table.Th>
                  <Table.Th ta="right">Iterations</Table.Th>
                  <Table.Th>Tests</Table.Th>
                  <Table.Th />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {members.map(({ label, seed, spec, tests }, nth) => (
                  <Table.Tr key={`${label} ${seed}`}>
                    <Table.Td style={{ whiteSpace: "nowrap" }}>{label}</Table.Td>
                    <Table.Td ta="right">
                      {spec.iterations !== undefined && formatCount(spec.iterations)}
                    </Table.Td>
                    <Table.Td>
                      <Tests keys={tests} />
                    </Table.Td>
                    <Table.Td ta="right">
                      <LinkButton
                        size="compact-xs"
                        variant="subtle"
                        to="/new"
                        search={draftOf(recipe, recipe.networks[nth])}
                      >
                        New run
                      </LinkButton>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          {recipe.together.length > 0 && (
            <Group gap="xs">
              <Text size="sm">All networks together test</Text>
              <Tests keys={recipe.together} />
            </Group>
          )}
        </Stack>
      )}
    </QueryView>
  );
}

function Head({ recipe }: { recipe: Recipe }) {
  return (
    <div>
      <Title order={2}>{recipe.title}</Title>
      <Text size="xs" c="dimmed">
        {recipe.name} · {citation(recipe.section)} · {recipe.dataset}
        {recipe.protocol && ` · ${recipe.protocol}`} · {KINDS[recipe.kind]}
      </Text>
      <Text size="sm" my="xs" maw={760}>
        {recipe.about}
      </Text>
      <Group gap="md">
        {recipe.kind !== "count" && (
          <LinkButton size="xs" to="/studies/new" search={{ recipe: recipe.name, seeds: 3 }}>
            New study
          </LinkButton>
        )}
        {recipe.tables.map((number) => (
          <TextLink key={number} size="sm" to="/paper/tables/$number" params={{ number }}>
            Table {number}
          </TextLink>
        ))}
        {recipe.figures.map((number) => (
          <TextLink key={number} size="sm" to="/paper/figures" hash={`figure-${number}`}>
            Figure {number}
          </TextLink>
        ))}
      </Group>
    </div>
  );
}

function Tests({ keys }: { keys: readonly string[] }) {
  return (
    <Group gap="xs">
      {keys.map((key) => {
        const location = locationOf(key);
        return "table" in location ? (
          <TextLink
            key={key}
            size="xs"
            to="/paper/tables/$number"
            params={{ number: location.table }}
            search={{ cell: key }}
          >
            Table {location.table}, {key.split(":").at(-1)}
          </TextLink>
        ) : (
          <TextLink key={key} size="xs" to="/paper/text" hash={location.statement}>
            {location.statement.replaceAll("-", " ")}
          </TextLink>
        );
      })}
    </Group>
  );
}
