// Classifies a picture: chosen, dropped or pasted; beside it, what the network sees of it, and the five likeliest classes.
import { Alert, Button, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { createPrediction, type Examination, type PredictionReport, type Run } from "../api/client";
import { Failed } from "../shell/States";
import { isTyping } from "../shell/shortcuts";
import styles from "./examinations.module.css";
import { pictureIn, seenOf, whyNot } from "./picture";
import { examinationsQuery } from "./queries";
import { Standing } from "./Standing";

export function Classify({ run }: { run: Run }) {
  const [picture, setPicture] = useState<File>();
  const [isOver, setOver] = useState(false);
  const queries = useQueryClient();
  const asking = useMutation({
    mutationFn: (file: File) => createPrediction(run.id, file),
    onSettled: () => queries.invalidateQueries({ queryKey: ["examinations"] }),
  });
  const refusal = picture && whyNot(picture);
  const take = (file: File | null | undefined) => {
    if (!file) return;
    setPicture(file);
    asking.reset();
    if (!whyNot(file)) asking.mutate(file);
  };
  useWindowEvent(
    "paste",
    ({ target, clipboardData }) => !isTyping(target) && take(pictureIn(clipboardData?.files)),
  );
  return (
    <Stack gap="sm">
      <section
        className={styles.drop}
        aria-label="a picture to classify"
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
            or drop it here, or paste one
          </Text>
        </Group>
        {picture && !refusal && <Preview picture={picture} run={run} />}
      </section>
      {refusal && <Alert color="red">{refusal}</Alert>}
      {asking.error && <Failed what="The picture" error={asking.error} />}
      {asking.data && picture && <Answer run={run} asked={asking.data} again={() => take(picture)} />}
    </Stack>
  );
}

/** The picture, and about what the network sees of it: its resampling is not exactly the browser's. */
function Preview({ picture, run }: { picture: File; run: Run }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [url, setUrl] = useState<string>();
  const family = run.spec.family ?? "cifar";
  useEffect(() => {
    const made = URL.createObjectURL(picture);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [picture]);
  const draw = (image: HTMLImageElement) => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const { x, y, width, height, side } = seenOf(
      { width: image.naturalWidth, height: image.naturalHeight },
      family,
    );
    context.imageSmoothingQuality = "high";
    context.clearRect(0, 0, side, side);
    context.drawImage(image, x, y, width, height, 0, 0, side, side);
  };
  const side = family === "cifar" ? 32 : 224;
  return (
    <Group gap="md" mt="sm" align="flex-start">
      {url && (
        <img
          src={url}
          alt={picture.name}
          className={styles.shown}
          onLoad={({ currentTarget }) => draw(currentTarget)}
        />
      )}
      <figure style={{ margin: 0 }}>
        <canvas
          ref={canvas}
          width={side}
          height={side}
          className={styles.seen}
          role="img"
          aria-label="as the network sees it"
        />
        <Text component="figcaption" size="xs" c="dimmed" maw={240}>
          {family === "cifar"
            ? "The network sees 32×32 pixels of it; it is not kept in proportion."
            : "The network sees 224×224 pixels of its middle."}
        </Text>
      </figure>
    </Group>
  );
}

function Answer({ run, asked, again }: { run: Run; asked: Examination; again: () => void }) {
  const { data } = useQuery(examinationsQuery(run.id));
  const now = data?.items.find(({ id }) => id === asked.id) ?? asked;
  return (
    <Standing<PredictionReport> examination={now} what="classes" again={again}>
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
    </Standing>
  );
}
