// Which tiles of an evaluation's picture show the mistakes of one cell of its confusion matrix.
import type { EvaluationReport } from "../../api/types";

export type Mistakes = NonNullable<EvaluationReport["mistakes"]>;
type Mistake = Mistakes["items"][number];
/** Indices into the report's classes. */
export type Cell = { label: number; prediction: number };

/** A mistake and where its tile lies, as CSS of a background that is scaled so that a tile is `side` pixels wide. */
export type Tile = { mistake: Mistake; position: string; size: string };

export const tilesOf = ({ columns, items }: Mistakes, cell: Cell, side: number): Tile[] =>
  items.flatMap((mistake, index) =>
    mistake.label === cell.label && mistake.prediction === cell.prediction
      ? [
          {
            mistake,
            position: `${-(index % columns) * side}px ${-Math.floor(index / columns) * side}px`,
            size: `${columns * side}px auto`,
          },
        ]
      : [],
  );

export const cellKey = ({ label, prediction }: Cell): string => `${label} ${prediction}`;

/** The keys of the cells of which the picture has an image. */
export const picturedCells = (mistakes: Mistakes | null | undefined): ReadonlySet<string> =>
  new Set(mistakes?.items.map(cellKey));
