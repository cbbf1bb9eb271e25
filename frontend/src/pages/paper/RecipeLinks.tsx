// Links to recipes.
import { Group, Text } from "@mantine/core";
import { TextLink } from "../../ui/TextLink";

export function RecipeLinks({ names }: { names: readonly string[] }) {
  if (names.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No recipe, because this service can't train these networks.
      </Text>
    );
  }
  return (
    <Group gap="sm">
      {names.map((name) => (
        <TextLink key={name} size="sm" to="/paper/recipes/$name" params={{ name }}>
          {name}
        </TextLink>
      ))}
    </Group>
  );
}
