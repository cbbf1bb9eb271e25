// Classifies a picture that you choose, drop or paste, and shows what the network sees and its five likeliest classes.
import { Alert, Button, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { pictureUrl } from "../api/addresses";
import { createPrediction } from "../api/examinations";
import { useRefusal } from "../api/rights";
import type { Examination, PredictionReport, Run } from "../api/types";
import { DisabledReason } from "../ui/DisabledReason";
import { Refusal } from "../ui/Refusal";
import { isTyping } from "../ui/useShortcuts";
import { moment } from "../units";
import { ExaminationState } from "./ExaminationState";
import styles from "./examinations.module.css";
import { PictureList } from "./PictureList";
import { Preview } from "./Preview";
import { pictureIn, whyNot } from "./picture";

type Props = { run: Run; examinations: readonly Examination[] };

export function Classification({ run, examinations }: Props) {
  const predictions = examinations.filter(({ kind }) => kind === "predict");
  const [choice, setChoice] = useState<string>();
  const [isOver, setOver] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const queries = useQueryClient();
  const notAllowed = useRefusal("submit", [run]);
  const classify = useMutation({
    mutationFn: (file: File) => createPrediction(run.id, file),
    onSuccess: ({ id }) => setChoice(id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["examinations"] }),
  });
  const take = (file: File | null | undefined) => {
    if (!file) return;
    const why = notAllowed ?? whyNot(file);
    setRefusal(why);
    if (!why) classify.mutate(file);
  };
  const choose = (id: string) => {
    setRefusal(undefined);
    if (!classify.isPending) classify.reset();
    setChoice(id);
  };
  useWindowEvent(
    "paste",
    ({ target, clipboardData }) => !isTyping(target) && take(pictureIn(clipboardData?.files)),
  );
  const created = classify.data?.id === choice ? classify.data : undefined;
  // After a reload the newest prediction is shown.
  const prediction = predictions.find(({ id }) => id === choice) ?? created ?? predictions[0];
  // The request for the chosen file is under way or has failed.
  const hasNoPrediction = classify.isPending || classify.isError;
  const file = hasNoPrediction || created ? classify.variables : undefined;
  const current = hasNoPrediction ? undefined : prediction;
  const picture = file ?? (current && pictureUrl(current.id));
  return (
    <Stack gap="sm">
      <section
        className={styles.drop}
        aria-label="picture to classify"
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(pictureIn(event.dataTransfer.files) ?? event.dataTransfer.files[0]);
        }}
      >
        <Group gap="sm">
          <FileButton accept="image/*" onChange={take} inputProps={{ "aria-label": "picture" }}>
            {(props) => (
              <DisabledReason why={notAllowed}>
                <Button {...props} size="xs" variant="default" loading={classify.isPending}>
                  Choose a picture
                </Button>
              </DisabledReason>
            )}
          </FileButton>
          <Text size="sm" c="dimmed">
            or drop or paste one here
          </Text>
        </Group>
        {picture && !refusal && (
          <Preview
            key={current?.id}
            picture={picture}
            name={file?.name ?? `picture from ${current ? moment(current.created_at) : ""}`}
            family={run.spec.family ?? "cifar"}
          />
        )}
      </section>
      {refusal && <Alert color="red">{refusal}</Alert>}
      {classify.error && <Refusal title="The picture could not be classified" error={classify.error} />}
      {current && !refusal && <LikeliestClasses prediction={current} retry={file && (() => take(file))} />}
      {predictions.length > 0 && (
        <PictureList
          predictions={predictions}
          current={refusal ? undefined : current?.id}
          onChoose={choose}
        />
      )}
    </Stack>
  );
}

function LikeliestClasses({
  prediction,
  retry,
}: {
  prediction: Examination;
  retry: (() => void) | undefined;
}) {
  return (
    <ExaminationState<PredictionReport> examination={prediction} retry={retry}>
      {({ classes }) => (
        <ol className={styles.classes} aria-label="likeliest classes">
          {classes.map(({ class: name, probability }) => (
            <li key={name}>
              <Group justify="space-between" gap="xs" wrap="nowrap">
                <Text size="sm" truncate>
                  {name}
                </Text>
                <Text size="sm" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
                  {(100 * probability).toFixed(1)} %
                </Text>
              </Group>
              <Progress value={100 * probability} size="sm" aria-hidden="true" />
            </li>
          ))}
        </ol>
      )}
    </ExaminationState>
  );
}
