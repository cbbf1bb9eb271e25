// Pictures classified earlier, the newest first. Choosing one shows its classes again.
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
          aria-label={`picture from ${moment(created_at)}`}
          aria-pressed={id === shown}
          title={moment(created_at)}
          onClick={() => onChoose(id)}
        >
          <Small url={pictureUrl(id)} />
        </UnstyledButton>
      ))}
      {listed.length < predictions.length && (
        <Button size="compact-xs" variant="default" onClick={() => setAll(true)}>
          Show all {counted(predictions.length)}
        </Button>
      )}
    </Group>
  );
}

/** A thumbnail. Some formats can be classified but not shown by a browser. */
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
