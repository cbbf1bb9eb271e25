// The start of a new run: an experiment from the paper and one of its networks.
import { Group, Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Recipe } from "../../api/types";
import type { Draft } from "../../form/draft";
import { draftOf, labelOf, type Network, networkOf } from "../../form/recipe";
import { citation } from "../../paper/cite";
import { recipesQuery } from "../../paper/queries";
import { TextLink } from "../../ui/TextLink";

export function RecipePicker({ draft }: { draft: Draft }) {
  const recipes = useQuery(recipesQuery).data?.items ?? [];
  const recipe = recipes.find(({ name }) => name === draft.recipe);
  const navigate = useNavigate({ from: "/new" });
  // The recipe replaces the whole draft. The browser's Back button restores what you had typed.
  const start = (from: Recipe, network: Network | undefined) => navigate({ search: draftOf(from, network) });
  const match = recipe && networkOf(recipe, draft);
  // An address that has only a recipe starts with the recipe's first network.
  const isBare =
    recipe && Object.entries(draft).every(([field, value]) => field === "recipe" || value == null);
  useEffect(() => {
    if (isBare) navigate({ search: draftOf(recipe, recipe.networks[0]), replace: true });
  }, [isBare, recipe, navigate]);
  return (
    <div>
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <Select
          label="Recipe from the paper"
          placeholder="none"
          data={recipes.map(({ name, title }) => ({ value: name, label: `${name}: ${title}` }))}
          value={recipe?.name ?? null}
          onChange={(name) => {
            const from = recipes.find((recipe) => recipe.name === name);
            if (from) start(from, from.networks[0]);
            else navigate({ search: ({ recipe: _, ...before }) => before });
          }}
          searchable
          clearable
        />
        {recipe && (
          <Select
            label="Network in the recipe"
            placeholder="none (you changed the network)"
            data={recipe.networks.map(labelOf)}
            value={match ? labelOf(match) : null}
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
          {recipe.about} ({citation(recipe.section)}){" "}
          <TextLink size="xs" underline="always" to="/paper/recipes/$name" params={{ name: recipe.name }}>
            See the full recipe
          </TextLink>
        </Text>
      )}
    </div>
  );
}
