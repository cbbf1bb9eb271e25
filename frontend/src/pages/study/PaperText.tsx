// The paper's figures, claims and numbers in the text about a study's networks. Without a table, they stand alone.
import { Stack, Text } from "@mantine/core";
import type { Study } from "../../api/client";
import { TextLink } from "../../ui/TextLink";
import { Claims } from "./Claims";
import { Statements } from "./Statements";

export function PaperText({ study: { figures, claims, statements, tables } }: { study: Study }) {
  return (
    <Stack gap="md">
      {tables.length === 0 &&
        figures.map(({ number, title, text }) => (
          <Text key={number} size="sm" maw={760}>
            <TextLink to="/paper/figures" hash={`figure-${number}`} size="sm" underline="always">
              Figure {number}
            </TextLink>
            . {title}. {text}
          </Text>
        ))}
      <Claims claims={claims} isOpen={tables.length === 0} />
      {statements.length > 0 && <Statements statements={statements} />}
    </Stack>
  );
}
