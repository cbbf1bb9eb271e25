// Pictures classified earlier, the newest first. Choosing one shows its classes again.
import { Button, Group, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { pictureUrl } from "../api/addresses";
import type { Examination } from "../api/types";
import { formatCount, moment } from "../units";
import styles from "./examinations.module.css";

const FIRST = 12;

type Props = {
  predictions: readonly Examination[];
  current: string | undefined;
  onChoose: (id: string) => void;
};

export function PictureList({ predictions, current, onChoose }: Props) {
  const [isAll, setAll] = useState(false);
  const visible = isAll ? predictions : predictions.slice(0, FIRST);
  return (
    <Group gap="xs" role="group" aria-label="classified pictures">
      {visible.map(({ id, created_at }) => (
        <UnstyledButton
          key={id}
          className={styles.earlier}
          aria-label={`picture from ${moment(created_at)}`}
          aria-pressed={id === current}
          title={moment(created_at)}
          onClick={() => onChoose(id)}
        >
          <Thumbnail url={pictureUrl(id)} />
        </UnstyledButton>
      ))}
      {visible.length < predictions.length && (
        <Button size="compact-xs" variant="default" onClick={() => setAll(true)}>
          Show all {formatCount(predictions.length)}
        </Button>
      )}
    </Group>
  );
}

/** A thumbnail. Some formats can be classified but not shown by a browser. */
function Thumbnail({ url }: { url: string }) {
  const [isBroken, setBroken] = useState(false);
  if (isBroken)
    return (
      <Text span size="xs" c="dimmed">
        ?
      </Text>
    );
  return <img src={url} alt="" loading="lazy" onError={() => setBroken(true)} />;
}
