// A data set's sample images: a strip of training images for each of its first classes, all from one picture.
import { Text } from "@mantine/core";
import { sheetUrl } from "../../api/addresses";
import type { Dataset } from "../../api/types";
import { formatCount } from "../../units";
import styles from "./sheet.module.css";

type Layout = NonNullable<Dataset["sheet"]>;

export function SampleSheet({ dataset, layout }: { dataset: Dataset; layout: Layout }) {
  const { rows, columns, tile_px } = layout;
  const strip = {
    maxWidth: columns * tile_px,
    aspectRatio: `${columns} / 1`,
    backgroundImage: `url(${sheetUrl(dataset.name)})`,
  };
  return (
    <>
      <dl className={styles.sheet} aria-label={`sample images of ${dataset.name}`}>
        {Array.from({ length: rows }, (_, row) => nameOf(dataset, row)).map((name, row) => (
          <div key={name} className={styles.row}>
            <dt>{name}</dt>
            <dd
              className={styles.strip}
              style={{ ...strip, backgroundPositionY: rows > 1 ? `${(100 * row) / (rows - 1)}%` : 0 }}
            />
          </div>
        ))}
      </dl>
      <Text size="xs" c="dimmed" mt="xs">
        {columns} training images of{" "}
        {rows < dataset.classes
          ? `the first ${formatCount(rows)} of ${formatCount(dataset.classes)} classes`
          : "each class"}
        .
      </Text>
    </>
  );
}

/** The classes of digits are its numbers. */
const nameOf = ({ class_names }: Dataset, row: number): string => class_names?.[row] ?? String(row);
