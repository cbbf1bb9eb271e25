// What can be found out from a run's finished weights: errors, confusions, layer responses, a picture's class.
import { SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Run } from "../api/client";
import { Section } from "../shell/Section";
import { Shown } from "../shell/Shown";
import { Classify } from "./Classify";
import { Confusions } from "./Confusions";
import { Evaluations } from "./Evaluations";
import { examinationsQuery } from "./queries";
import { Responses } from "./Responses";

export function Examined({ run }: { run: Run }) {
  return (
    <Shown query={useQuery(examinationsQuery(run.id))} what="examinations">
      {({ items }) => (
        <Stack gap="lg">
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
            <Section title="Evaluations">
              <Evaluations run={run} examinations={items} />
            </Section>
            <Section title="Classify a picture">
              <Classify run={run} examinations={items} />
            </Section>
          </SimpleGrid>
          <Section title="Confusion matrix">
            <Confusions examinations={items} />
          </Section>
          <Section title="Layer responses (Fig. 7)">
            <Responses run={run} examinations={items} />
          </Section>
        </Stack>
      )}
    </Shown>
  );
}
