// The paper's figures, claims and numbers in the text about a study's networks. Without a table, they stand alone.
import { Stack, Text } from "@mantine/core";
import type { Study } from "../../api/types";
import { TextLink } from "../../ui/TextLink";
import { pluralize } from "../../units";
import { Claims } from "./Claims";
import { Statements } from "./Statements";

export function PaperText({ study }: { study: Study }) {
  const { figures, claims, claim_attrition, statements, tables, dataset, scale, departures } = study;
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
      <Text size="sm">
        Trained on {dataset} with {scale === 1 ? "all" : scale} of the paper's iterations
        {departures.length > 0 &&
          `; ${pluralize(departures.length, "departure")} from the paper, listed below`}
        .
      </Text>
      <Claims claims={claims} attrition={claim_attrition} isOpen={tables.length === 0} />
      {statements.length > 0 && <Statements {...study} />}
    </Stack>
  );
}
