// Classifies a picture that you choose, drop or paste, and shows what the network sees and its five likeliest classes.
import { Alert, Button, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  createPrediction,
  type Examination,
  type PredictionReport,
  pictureUrl,
  type Run,
} from "../api/client";
import { Failed } from "../ui/States";
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
  const [chosen, setChosen] = useState<string>();
  const [isOver, setOver] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const queries = useQueryClient();
  const asking = useMutation({
    mutationFn: (file: File) => createPrediction(run.id, file),
    onSuccess: ({ id }) => setChosen(id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["examinations"] }),
  });
  const take = (file: File | null | undefined) => {
    if (!file) return;
    const why = whyNot(file);
    setRefusal(why);
    if (!why) asking.mutate(file);
  };
  const choose = (id: string) => {
    setRefusal(undefined);
    if (!asking.isPending) asking.reset();
    setChosen(id);
  };
  useWindowEvent(
    "paste",
    ({ target, clipboardData }) => !isTyping(target) && take(pictureIn(clipboardData?.files)),
  );
  const asked = asking.data?.id === chosen ? asking.data : undefined;
  // After a reload the newest prediction is shown.
  const known = predictions.find(({ id }) => id === chosen) ?? asked ?? predictions[0];
  // No prediction exists for the chosen file: its request is under way or has failed.
  const isUnanswered = asking.isPending || asking.isError;
  const file = isUnanswered || asked ? asking.variables : undefined;
  const shown = isUnanswered ? undefined : known;
  const picture = file ?? (shown && pictureUrl(shown.id));
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
              <Button
                {...props}
                size="xs"
                variant={picture ? "default" : "filled"}
                loading={asking.isPending}
              >
                Choose a picture
              </Button>
            )}
          </FileButton>
          <Text size="sm" c="dimmed">
            or drop or paste one here
          </Text>
        </Group>
        {picture && !refusal && (
          <Preview
            key={shown?.id}
            picture={picture}
            name={file?.name ?? `picture from ${shown ? moment(shown.created_at) : ""}`}
            family={run.spec.family ?? "cifar"}
          />
        )}
      </section>
      {refusal && <Alert color="red">{refusal}</Alert>}
      {asking.error && <Failed what="The picture" error={asking.error} />}
      {shown && !refusal && <Answer asked={shown} again={file && (() => take(file))} />}
      {predictions.length > 0 && (
        <PictureList predictions={predictions} shown={refusal ? undefined : shown?.id} onChoose={choose} />
      )}
    </Stack>
  );
}

function Answer({ asked, again }: { asked: Examination; again: (() => void) | undefined }) {
  return (
    <ExaminationState<PredictionReport> examination={asked} what="classes" again={again}>
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
