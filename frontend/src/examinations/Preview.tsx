// A picture and what the network sees of it, approximately: the browser resamples differently from the trainer.
import { Group, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import styles from "./examinations.module.css";
import { visiblePart } from "./picture";

type Props = {
  /** A local file, or the address of a stored picture. */
  picture: File | string;
  name: string;
  family: "cifar" | "imagenet";
};

export function Preview({ picture, name, family }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const url = useUrl(picture);
  const [isBroken, setBroken] = useState(false);
  const draw = (image: HTMLImageElement) => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const { x, y, width, height, side } = visiblePart(
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
        Your browser can't show this picture. It shows complete PNG, JPEG and WebP files.
      </Text>
    );
  return (
    <Group gap="md" mt="sm" align="flex-start">
      {url && (
        <img
          src={url}
          alt={name}
          className={styles.picture}
          onLoad={({ currentTarget }) => draw(currentTarget)}
          onError={() => setBroken(true)}
        />
      )}
      <figure style={{ margin: 0 }}>
        <canvas
          ref={canvas}
          width={side}
          height={side}
          className={styles.networkView}
          role="img"
          aria-label="the picture as the network sees it"
        />
        <Text component="figcaption" size="xs" c="dimmed" maw={240}>
          {family === "cifar"
            ? "The network sees 32×32 pixels: the whole picture, resized to a square."
            : "The network sees a 224×224 crop from the centre."}
        </Text>
      </figure>
    </Group>
  );
}

function useUrl(picture: File | string): string | undefined {
  const [objectUrl, setObjectUrl] = useState<string>();
  useEffect(() => {
    if (typeof picture === "string") return;
    const url = URL.createObjectURL(picture);
    setObjectUrl(url);
    return () => URL.revokeObjectURL(url);
  }, [picture]);
  return typeof picture === "string" ? picture : objectUrl;
}
