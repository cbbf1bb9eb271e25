// A picture, and about what the network sees of it: its resampling is not exactly the browser's.
import { Group, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import styles from "./examinations.module.css";
import { seenOf } from "./picture";

type Props = {
  /** One that is at hand, or the address of one that was kept. */
  picture: File | string;
  name: string;
  family: "cifar" | "imagenet";
};

export function Preview({ picture, name, family }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const url = useAddress(picture);
  const [isBroken, setBroken] = useState(false);
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
  if (isBroken)
    return (
      <Text size="sm" c="dimmed" mt="sm">
        This picture cannot be shown: a browser draws PNG, JPEG and WebP that are whole.
      </Text>
    );
  return (
    <Group gap="md" mt="sm" align="flex-start">
      {url && (
        <img
          src={url}
          alt={name}
          className={styles.shown}
          onLoad={({ currentTarget }) => draw(currentTarget)}
          onError={() => setBroken(true)}
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

function useAddress(picture: File | string): string | undefined {
  const [made, setMade] = useState<string>();
  useEffect(() => {
    if (typeof picture === "string") return;
    const url = URL.createObjectURL(picture);
    setMade(url);
    return () => URL.revokeObjectURL(url);
  }, [picture]);
  return typeof picture === "string" ? picture : made;
}
