// Finds objects in a picture that you choose or drop, and draws their boxes over it.
import { Alert, Button, FileButton, Group, Slider, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { pictureUrl } from "../../api/addresses";
import { createPrediction } from "../../api/examinations";
import { useRefusal } from "../../api/rights";
import type { Examination, PredictedObjects, Run } from "../../api/types";
import { DisabledReason } from "../../ui/DisabledReason";
import { PictureWithBoxes } from "../../ui/PictureWithBoxes";
import { Refusal } from "../../ui/Refusal";
import { ExaminationState } from "../ExaminationState";
import styles from "../examinations.module.css";
import { pictureIn, whyNot } from "../picture";

export function Objects({ run, examinations }: { run: Run; examinations: readonly Examination[] }) {
  const queries = useQueryClient();
  const [refusal, setRefusal] = useState<string>();
  const notAllowed = useRefusal("submit", [run]);
  const predict = useMutation({
    mutationFn: (file: File) => createPrediction(run.id, file),
    onSettled: () => queries.invalidateQueries({ queryKey: ["examinations"] }),
  });
  const take = (file: File | null | undefined) => {
    if (!file) return;
    const why = notAllowed ?? whyNot(file);
    setRefusal(why);
    if (!why) predict.mutate(file);
  };
  const predictions = examinations.filter(({ kind }) => kind === "predict");
  const newest = predictions.find(({ id }) => id === predict.data?.id) ?? predict.data ?? predictions[0];
  return (
    <Stack gap="sm">
      <section
        className={styles.drop}
        aria-label="picture with objects"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          take(pictureIn(event.dataTransfer.files) ?? event.dataTransfer.files[0]);
        }}
      >
        <Group gap="sm">
          <FileButton accept="image/*" onChange={take} inputProps={{ "aria-label": "picture" }}>
            {(props) => (
              <DisabledReason why={notAllowed}>
                <Button {...props} size="xs" variant="default" loading={predict.isPending}>
                  Choose a picture
                </Button>
              </DisabledReason>
            )}
          </FileButton>
          <Text size="sm" c="dimmed">
            or drop one here
          </Text>
        </Group>
      </section>
      {refusal && <Alert color="red">{refusal}</Alert>}
      {predict.error && <Refusal title="The picture could not be used" error={predict.error} />}
      {newest && (
        <ExaminationState<PredictedObjects> examination={newest} retry={undefined}>
          {(report) => <Detections report={report} picture={pictureUrl(newest.id)} />}
        </ExaminationState>
      )}
    </Stack>
  );
}

function Detections({ report, picture }: { report: PredictedObjects; picture: string }) {
  const [least, setLeast] = useState(0.5);
  const shown = report.detections.filter(({ score }) => score >= least);
  return (
    <Stack gap="xs" maw={640}>
      <PictureWithBoxes
        path="picture"
        picture={picture}
        width={report.width}
        height={report.height}
        boxes={shown.map(({ class: name, score, box }) => ({
          box,
          label: `${name}, score ${score.toFixed(2)}`,
          tag: `${name} ${score.toFixed(2)}`,
        }))}
      />
      <Text size="xs">
        {shown.length} of {report.detections.length} detections have a score of at least {least.toFixed(2)}.
      </Text>
      <Slider
        thumbLabel="least score"
        min={0.05}
        max={1}
        step={0.05}
        value={least}
        onChange={setLeast}
        label={null}
      />
    </Stack>
  );
}
