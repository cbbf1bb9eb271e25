// What you can do with a detector's final weights: test them, look at the test images, find objects in a picture.
import { Button, Group, Stack, Text } from "@mantine/core";
import type { DetectionReport, Examination, Run } from "../../api/types";
import { Refusal } from "../../ui/Refusal";
import { Section } from "../../ui/Section";
import { formatCount, percent } from "../../units";
import { ExaminationState } from "../ExaminationState";
import { useStartExamination } from "../queries";
import { Gallery } from "./Gallery";
import { Objects } from "./Objects";
import { PrecisionRecall } from "./PrecisionRecall";

type Props = { run: Run; examinations: readonly Examination[] };

export function DetectionSections({ run, examinations }: Props) {
  const start = useStartExamination(run.id);
  const tests = examinations.filter(({ kind }) => kind === "detect");
  const [test] = tests;
  return (
    <Stack gap="lg">
      <Section title="Test images">
        <Stack gap="sm">
          {!test && (
            <Group gap="sm">
              <Button size="xs" loading={start.isPending} onClick={() => start.mutate({ kind: "detect" })}>
                Test the weights
              </Button>
              <Text size="sm" c="dimmed">
                Detects the objects of every test image again, and keeps the boxes to look at.
              </Text>
            </Group>
          )}
          {start.error && <Refusal title="The weights can't be tested" error={start.error} />}
          {test && (
            <ExaminationState<DetectionReport>
              examination={test}
              retry={() => start.mutate({ kind: "detect" })}
            >
              {(report) => (
                <Stack gap="md">
                  <Text size="sm">
                    {formatCount(report.detections)} detections in {formatCount(report.images)} test images:
                    mAP {percent(report.map)}, mAP@.5 {percent(report.map_50)}, mAP@[.5,.95]{" "}
                    {percent(report.map_50_95)}.
                  </Text>
                  <PrecisionRecall report={report} />
                  <Gallery test={test} classes={report.classes.map(({ class: name }) => name)} />
                </Stack>
              )}
            </ExaminationState>
          )}
        </Stack>
      </Section>
      <Section title="Find objects in a picture">
        <Objects run={run} examinations={examinations} />
      </Section>
    </Stack>
  );
}
