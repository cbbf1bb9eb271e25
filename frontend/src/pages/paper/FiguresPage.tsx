// The paper's figures: their panels, their contents, and the recipes that draw them again.
import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { PaperFigure } from "../../api/types";
import { figuresQuery } from "../../paper/queries";
import { QueryView } from "../../ui/QueryView";
import { TextLink } from "../../ui/TextLink";
import { FigureHead } from "./FigureHead";
import { PanelSketch } from "./PanelSketch";
import { isPanelled } from "./printedFigure";
import { RecipeLinks } from "./RecipeLinks";

export function FiguresPage() {
  return (
    <QueryView query={useQuery(figuresQuery)} what="figures">
      {({ items }) => (
        <Stack gap="md">
          {items.map((figure) => (
            <Figure key={figure.number} figure={figure} />
          ))}
        </Stack>
      )}
    </QueryView>
  );
}

function Figure({ figure }: { figure: PaperFigure }) {
  const { number, networks, panels, x, y, recipes } = figure;
  const axes = [x, y].filter((axis) => axis != null);
  return (
    <section className="section" aria-label={`Figure ${number}`} id={`figure-${number}`}>
      <Stack gap={6}>
        <FigureHead figure={figure} />
        {isPanelled(figure) ? (
          <>
            <PanelSketch printed={figure} />
            <TextLink size="sm" to="/paper/figures/$number" params={{ number }}>
              Read this figure: lay your runs into its panels
            </TextLink>
          </>
        ) : (
          <Text size="sm">
            <b>Panels:</b> {panels.join(", ")}
          </Text>
        )}
        <Text size="sm">
          <b>Networks:</b> {networks.join(", ")}
        </Text>
        {axes.length > 0 && (
          <Text size="sm">
            <b>Axes:</b> {axes.map(({ label, low, high }) => `${label} from ${low} to ${high}`).join("; ")}
          </Text>
        )}
        <Group gap="xs">
          <Text size="sm" fw={600}>
            To draw this figure again:
          </Text>
          <RecipeLinks names={recipes} />
        </Group>
      </Stack>
    </section>
  );
}
