// A run that has succeeded beside the paper's numbers for its network, by the rules of a study's verdicts.
import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getVerdict } from "../../api/runs";
import type { Run } from "../../api/types";
import { Arithmetic } from "../../study/Arithmetic";
import { QueryView } from "../../ui/QueryView";
import { Section } from "../../ui/Section";
import { TextLink } from "../../ui/TextLink";

/** An import counts with its lab's other seeds, so its verdict may change when another one is imported. */
export function VerdictSection({ run }: { run: Run }) {
  const query = useQuery({ queryKey: ["run", run.id, "verdict"], queryFn: () => getVerdict(run.id) });
  return (
    <Section title="Verdict">
      <QueryView query={query} what="verdict">
        {({ cells, runs, seeds }) => (
          <Stack gap="md">
            {cells.flatMap((cell) =>
              cell.verdict ? [<Arithmetic key={cell.key} cell={cell} verdict={cell.verdict} />] : [],
            )}
            {cells.every(({ verdict }) => !verdict) && (
              <Text size="sm" c="dimmed">
                The paper prints no error for this network.
              </Text>
            )}
            {seeds && <Text size="sm">{seeds}</Text>}
            {runs.length > 1 && (
              <TextLink to="/pool" search={{ run: runs }} size="sm" underline="always">
                Pool these {runs.length} runs
              </TextLink>
            )}
          </Stack>
        )}
      </QueryView>
    </Section>
  );
}
