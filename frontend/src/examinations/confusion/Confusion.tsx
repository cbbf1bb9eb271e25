// A confusion matrix (rows: labels, columns: predictions) and its most frequent mistakes in words.
import { List, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { EvaluationReport } from "../../api/types";
import { formatCount } from "../../units";
import styles from "../examinations.module.css";
import { GalleryDialog } from "./GalleryDialog";
import { type Cell, cellKey, picturedCells } from "./gallery";
import { mistakesOf, shadesOf } from "./mistakes";

const NAMED = 5;

type Props = { examination: string; report: EvaluationReport };

export function Confusion({ examination, report }: Props) {
  const { classes, confusion, images, mistakes } = report;
  const [cell, setCell] = useState<Cell>();
  if (!confusion)
    return (
      <Text size="sm" c="dimmed">
        A confusion matrix of {formatCount(classes.length)} classes is too large to show.
      </Text>
    );
  return (
    <Stack gap="sm">
      <Mistakes classes={classes} matrix={confusion} images={images} />
      <Matrix classes={classes} matrix={confusion} pictured={picturedCells(mistakes)} onOpen={setCell} />
      <Text size="xs" c="dimmed">
        Number of images by label (rows) and prediction (columns). Blue is correct, orange is wrong; darker
        means more images.{mistakes && " Choose a wrong cell to see its images."}
      </Text>
      {mistakes && cell && (
        <GalleryDialog
          examination={examination}
          report={report}
          mistakes={mistakes}
          cell={cell}
          onClose={() => setCell(undefined)}
        />
      )}
    </Stack>
  );
}

type MatrixData = { classes: readonly string[]; matrix: readonly (readonly number[])[] };

function Mistakes({ classes, matrix, images }: MatrixData & { images: number }) {
  const mistakes = mistakesOf(classes, matrix);
  if (mistakes.length === 0)
    return <Text size="sm">All {formatCount(images)} images are classified correctly.</Text>;
  return (
    <List size="sm" aria-label="most frequent mistakes">
      {mistakes.slice(0, NAMED).map(({ label, prediction, count, total, share }) => (
        <List.Item key={`${label} ${prediction}`}>
          <b>{label}</b> classified as <b>{prediction}</b>: {formatCount(count)} of {formatCount(total)} (
          {share.toFixed(1)} %)
        </List.Item>
      ))}
    </List>
  );
}

type MatrixProps = MatrixData & { pictured: ReadonlySet<string>; onOpen: (cell: Cell) => void };

function Matrix({ classes, matrix, pictured, onOpen }: MatrixProps) {
  const shades = shadesOf(matrix);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={styles.scroll} tabIndex={0} aria-label="confusion matrix, scrollable">
      <Table aria-label="confusion matrix" className={styles.matrix} w="auto" withTableBorder={false}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">label ╲ prediction</Table.Th>
            {classes.map((name) => (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {matrix.map((row, label) => (
            <Table.Tr key={classes[label]}>
              <Table.Th scope="row">{classes[label]}</Table.Th>
              {row.map((count, prediction) => (
                <Table.Td
                  key={classes[prediction]}
                  className={prediction === label ? styles.right : styles.wrong}
                  style={{ "--shade": `${Math.round(100 * (shades[label]?.[prediction] ?? 0))}%` }}
                >
                  {pictured.has(cellKey({ label, prediction })) ? (
                    <button
                      type="button"
                      className={styles.cell}
                      aria-label={`${formatCount(count)}, ${classes[label]} classified as ${classes[prediction]}: show images`}
                      onClick={() => onOpen({ label, prediction })}
                    >
                      {formatCount(count)}
                    </button>
                  ) : (
                    formatCount(count)
                  )}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
