// Everything you can measure with a run's final weights: errors, confusions, layer responses, a picture's class.
import { SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Run } from "../api/types";
import { QueryView } from "../ui/QueryView";
import { Section } from "../ui/Section";
import { Classification } from "./Classification";
import { Confusions } from "./confusion/Confusions";
import { DetectionSections } from "./detection/DetectionSections";
import { Evaluations } from "./Evaluations";
import { examinationsQuery } from "./queries";
import { Responses } from "./Responses";

export function ExaminationSections({ run }: { run: Run }) {
  return (
    <QueryView query={useQuery(examinationsQuery(run.id))} what="evaluations">
      {({ items }) =>
        run.task === "detection" ? (
          <DetectionSections run={run} examinations={items} />
        ) : (
          <Stack gap="lg">
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
              <Section title="Evaluations">
                <Evaluations run={run} examinations={items} />
              </Section>
              <Section title="Classify a picture">
                <Classification run={run} examinations={items} />
              </Section>
            </SimpleGrid>
            <Section title="Confusion matrix">
              <Confusions examinations={items} />
            </Section>
            <Section title="Layer responses (Fig. 7)">
              <Responses run={run} examinations={items} />
            </Section>
          </Stack>
        )
      }
    </QueryView>
  );
}
