// What can be found out from a run's finished weights: errors, confusions, layer responses, a picture's class.
import { SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { EvaluationReport, Examination, Run } from "../api/client";
import { Section } from "../shell/Section";
import { Shown } from "../shell/Shown";
import { Classify } from "./Classify";
import { Confusion } from "./Confusion";
import { Evaluations } from "./Evaluations";
import { OtherData } from "./OtherData";
import { examinationsQuery } from "./queries";
import { Responses } from "./Responses";
import { Standing } from "./Standing";

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
              <Classify run={run} />
            </Section>
          </SimpleGrid>
          <Section title="Confusion matrix">
            <Newest examinations={items} />
          </Section>
          <Section title="Layer responses (Fig. 7)">
            <Responses run={run} examinations={items} />
          </Section>
        </Stack>
      )}
    </Shown>
  );
}

/** Of the newest evaluation of this network alone. */
function Newest({ examinations }: { examinations: readonly Examination[] }) {
  const alone = examinations.filter(({ kind, runs }) => kind === "evaluate" && runs.length === 1);
  const newest = alone.find(({ status }) => status === "succeeded") ?? alone[0];
  if (!newest) return <Text c="dimmed">Evaluate the weights first: the matrix comes with the errors.</Text>;
  return (
    <Standing<EvaluationReport> examination={newest} what="confusions" again={undefined}>
      {(report) => (
        <>
          <OtherData report={report} />
          <Confusion report={report} />
        </>
      )}
    </Standing>
  );
}
