// Where a new run starts from: an experiment of the paper, and which of its networks.
import { Group, Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Recipe } from "../../api/client";
import type { Draft } from "../../form/draft";
import { draftOf, labelOf, type Network, networkOf } from "../../form/recipe";
import { cited } from "../../paper/cite";
import { recipesQuery } from "../../paper/queries";
import { TextLink } from "../../ui/TextLink";

export function RecipePicker({ draft }: { draft: Draft }) {
  const recipes = useQuery(recipesQuery).data?.items ?? [];
  const recipe = recipes.find(({ name }) => name === draft.recipe);
  const navigate = useNavigate({ from: "/new" });
  // The whole draft is the recipe's: what was typed before goes, and comes back with the browser's Back.
  const start = (from: Recipe, network: Network | undefined) => navigate({ search: draftOf(from, network) });
  const chosen = recipe && networkOf(recipe, draft);
  // An address that names a recipe and no more begins with its first network.
  const isBare =
    recipe && Object.entries(draft).every(([field, value]) => field === "recipe" || value == null);
  useEffect(() => {
    if (isBare) navigate({ search: draftOf(recipe, recipe.networks[0]), replace: true });
  }, [isBare, recipe, navigate]);
  return (
    <div>
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <Select
          label="Recipe of the paper"
          placeholder="none: a run of your own"
          data={recipes.map(({ name, title }) => ({ value: name, label: `${name}: ${title}` }))}
          value={recipe?.name ?? null}
          onChange={(name) => {
            const from = recipes.find((one) => one.name === name);
            if (from) start(from, from.networks[0]);
            else navigate({ search: ({ recipe: _, ...before }) => before });
          }}
          searchable
          clearable
        />
        {recipe && (
          <Select
            label="Network of the recipe"
            placeholder="none of them any more"
            data={recipe.networks.map(labelOf)}
            value={chosen ? labelOf(chosen) : null}
            onChange={(label) =>
              start(
                recipe,
                recipe.networks.find((network) => labelOf(network) === label),
              )
            }
            allowDeselect={false}
            searchable
          />
        )}
      </Group>
      {recipe && (
        <Text size="xs" c="dimmed" mt={4}>
          {recipe.about} ({cited(recipe.section)}){" "}
          <TextLink size="xs" underline="always" to="/paper/recipes/$name" params={{ name: recipe.name }}>
            The whole recipe
          </TextLink>
        </Text>
      )}
    </div>
  );
}
