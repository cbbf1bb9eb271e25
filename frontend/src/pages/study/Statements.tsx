// Numbers from the paper's text about this study's networks, with your results.
import { Group, Stack, Text } from "@mantine/core";
import type { Study } from "../../api/types";
import { citation } from "../../paper/cite";
import { TextLink } from "../../ui/TextLink";

export function Statements({ statements, networks }: Pick<Study, "statements" | "networks">) {
  const planned = new Map(networks.map(({ label, attrition }) => [label, attrition.planned]));
  return (
    <Stack gap="sm" role="list" aria-label="numbers in the text">
      {statements.map(({ statement, section, text, theirs, network, ours, runs }) => (
        <Group key={`${statement} ${network}`} role="listitem" gap="xs">
          <Text size="sm">
            <TextLink to="/paper/text" hash={statement} size="sm" underline="always">
              {text} {theirs}
            </TextLink>{" "}
            ({citation(section)}); your result with {network}:
          </Text>
          <Text size="sm" fw={600} style={{ fontVariantNumeric: "tabular-nums" }}>
            {ours || "…"}
          </Text>
          {runs > 0 && (
            <Text size="xs" c="dimmed">
              n = {runs} of {planned.get(network)}
            </Text>
          )}
        </Group>
      ))}
    </Stack>
  );
}
