// Whether a deeper network trains worse than a shallower one: in one sentence, and for each pair one click away.
import { Box, Group, Stack, Text } from "@mantine/core";
import type { Study } from "../../api/types";
import { VerdictBadge } from "../../study/VerdictBadge";
import { formatCount } from "../../units";
import { summaryOf } from "./degradationSummary";

export function Degradation({ depths }: Pick<Study, "depths">) {
  return (
    <details>
      <summary>
        <Text span size="sm">
          {summaryOf(depths.map(({ comparison }) => comparison.diagnosis))}
        </Text>
      </summary>
      <Pairs depths={depths} />
    </details>
  );
}

function Pairs({ depths }: Pick<Study, "depths">) {
  return (
    <Stack gap="sm" mt="xs" role="list" aria-label="degradation">
      {depths.map(({ shallow, deep, seed, comparison }) => (
        <Box key={`${shallow} ${deep} ${seed}`} role="listitem">
          <Group gap="xs" wrap="nowrap" align="flex-start">
            <VerdictBadge outcome={comparison.diagnosis} />
            <Text size="sm">
              {deep} compared with {shallow}, seed {seed}: {comparison.sentence}
            </Text>
          </Group>
          <Text size="xs" c="dimmed">
            {comparison.confidence != null && `confidence ${surety(comparison.confidence)} · `}
            iterations {formatCount(comparison.start + 1)} to {formatCount(comparison.end)}
          </Text>
        </Box>
      ))}
    </Stack>
  );
}

/** 0.9934 → "99.3 %"; never rounded up to 100 %. */
const surety = (confidence: number): string =>
  confidence > 0.999 ? "over 99.9 %" : `${(100 * confidence).toFixed(1)} %`;
