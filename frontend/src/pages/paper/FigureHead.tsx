// The head of a figure of the paper: its number and title, where it stands, and what it shows.
import { Text, Title } from "@mantine/core";
import type { PaperFigure } from "../../api/types";
import { citation } from "../../paper/cite";

type Props = { figure: Pick<PaperFigure, "number" | "title" | "section" | "text"> };

export function FigureHead({ figure: { number, title, section, text } }: Props) {
  return (
    <div>
      <Title order={2}>
        Figure {number}. {title}
      </Title>
      <Text size="xs" c="dimmed">
        {citation(section)}
      </Text>
      <Text size="sm" maw={760}>
        {text}
      </Text>
    </div>
  );
}
