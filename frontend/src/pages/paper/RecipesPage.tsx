// The list of the paper's experiments that this service can run.
import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Recipe } from "../../api/types";
import { citation } from "../../paper/cite";
import { recipesQuery } from "../../paper/queries";
import { QueryView } from "../../ui/QueryView";
import { TextLink } from "../../ui/TextLink";

export const KINDS: Record<Recipe["kind"], string> = {
  train: "trains, then reads the curves and final errors",
  evaluate: "trains, then evaluates with other views",
  ensemble: "trains, then evaluates an ensemble",
  responses: "trains, then measures the layer responses",
  count: "only counts, without training",
};

export function RecipesPage() {
  return (
    <QueryView query={useQuery(recipesQuery)} what="recipes">
      {({ items }) => (
        <Table aria-label="recipes" highlightOnHover verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Recipe</Table.Th>
              <Table.Th>Experiment</Table.Th>
              <Table.Th visibleFrom="sm">Data set</Table.Th>
              <Table.Th visibleFrom="sm" ta="right">
                Networks
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((recipe) => (
              <Row key={recipe.name} recipe={recipe} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </QueryView>
  );
}

function Row({ recipe: { name, title, section, kind, dataset, networks } }: { recipe: Recipe }) {
  return (
    <Table.Tr>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        <TextLink to="/paper/recipes/$name" params={{ name }}>
          {name}
        </TextLink>
      </Table.Td>
      <Table.Td>
        {title}
        <Text size="xs" c="dimmed">
          {citation(section)} · {KINDS[kind]}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{dataset}</Table.Td>
      <Table.Td visibleFrom="sm" ta="right">
        {networks.length}
      </Table.Td>
    </Table.Tr>
  );
}
