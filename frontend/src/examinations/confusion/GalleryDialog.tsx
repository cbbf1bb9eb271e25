// The wrongly classified images of one cell of a confusion matrix.
import { Modal, Text } from "@mantine/core";
import { pictureUrl } from "../../api/addresses";
import type { EvaluationReport } from "../../api/types";
import { formatCount } from "../../units";
import styles from "../examinations.module.css";
import { type Cell, type Mistakes, tilesOf } from "./gallery";

// Small images are enlarged to about the size of a photograph's tile.
const SHOWN_PX = 96;

type Props = {
  examination: string;
  report: EvaluationReport;
  mistakes: Mistakes;
  cell: Cell;
  onClose: () => void;
};

export function GalleryDialog({ examination, report, mistakes, cell, onClose }: Props) {
  const [label, prediction] = [cell.label, cell.prediction].map(
    (index) => report.classes[index] ?? `class ${index}`,
  );
  const tiles = tilesOf(mistakes, cell, SHOWN_PX);
  const count = report.confusion?.[cell.label]?.[cell.prediction] ?? tiles.length;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={`${label} classified as ${prediction}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Text size="sm" c="dimmed" mb="sm">
        {tiles.length < count && `${formatCount(tiles.length)} of `}
        {`${formatCount(count)} test ${count === 1 ? "image" : "images"}, as the network sees them. `}
        Below each is the probability of {prediction}, then of {label}.
      </Text>
      <ul className={styles.gallery} aria-label="wrongly classified images">
        {tiles.map(({ mistake, position, size }) => (
          <li key={mistake.image}>
            <div
              role="img"
              aria-label={`test image ${mistake.image}`}
              title={`Image ${formatCount(mistake.image)} of the test set, counted from 0`}
              className={styles.tile}
              style={{
                width: SHOWN_PX,
                height: SHOWN_PX,
                backgroundImage: `url(${pictureUrl(examination)})`,
                backgroundPosition: position,
                backgroundSize: size,
              }}
            />
            {share(mistake.probability)} · {share(mistake.label_probability)}
          </li>
        ))}
      </ul>
    </Modal>
  );
}

const share = (probability: number): string => `${(100 * probability).toFixed(1)} %`;
