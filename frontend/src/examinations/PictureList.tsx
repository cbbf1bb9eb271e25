// The pictures that were classified before, the newest first: one is chosen to see its classes again.
import { Button, Group, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { type Examination, pictureUrl } from "../api/client";
import { counted, moment } from "../units";
import styles from "./examinations.module.css";

const FIRST = 12;

type Props = {
  predictions: readonly Examination[];
  shown: string | undefined;
  onChoose: (id: string) => void;
};

export function PictureList({ predictions, shown, onChoose }: Props) {
  const [isAll, setAll] = useState(false);
  const listed = isAll ? predictions : predictions.slice(0, FIRST);
  return (
    <Group gap="xs" role="group" aria-label="classified pictures">
      {listed.map(({ id, created_at }) => (
        <UnstyledButton
          key={id}
          className={styles.earlier}
          aria-label={`picture of ${moment(created_at)}`}
          aria-pressed={id === shown}
          title={moment(created_at)}
          onClick={() => onChoose(id)}
        >
          <Small url={pictureUrl(id)} />
        </UnstyledButton>
      ))}
      {listed.length < predictions.length && (
        <Button size="compact-xs" variant="default" onClick={() => setAll(true)}>
          All {counted(predictions.length)}
        </Button>
      )}
    </Group>
  );
}

/** Some kinds of pictures are classified and not shown. */
function Small({ url }: { url: string }) {
  const [isBroken, setBroken] = useState(false);
  if (isBroken)
    return (
      <Text span size="xs" c="dimmed">
        ?
      </Text>
    );
  return <img src={url} alt="" loading="lazy" onError={() => setBroken(true)} />;
}
