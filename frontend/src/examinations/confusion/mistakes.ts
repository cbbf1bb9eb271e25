// A confusion matrix as mistakes and shades.

/** A label that was classified as another class. `share` is in percent of the label's images. */
export type Mistake = { label: string; prediction: string; count: number; total: number; share: number };

/** `matrix` counts images by label (row) and prediction (column). Only mistakes that occur, the most frequent first. */
export function mistakesOf(classes: readonly string[], matrix: readonly (readonly number[])[]): Mistake[] {
  const named = (index: number) => classes[index] ?? `class ${index}`;
  return matrix
    .flatMap((row, label) => {
      const total = sum(row);
      return row.map((count, prediction) => ({
        label: named(label),
        prediction: named(prediction),
        count: prediction === label ? 0 : count,
        total,
        share: total > 0 ? (100 * count) / total : 0,
      }));
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

/** How dark each cell is, 0 to 1: a correct cell by its share of the row, a wrong one relative to the most frequent mistake. */
export function shadesOf(matrix: readonly (readonly number[])[]): number[][] {
  const worst = Math.max(
    ...matrix.flatMap((row, label) => row.filter((_, prediction) => prediction !== label)),
    1,
  );
  return matrix.map((row, label) =>
    row.map((count, prediction) => (prediction === label ? count / Math.max(sum(row), 1) : count / worst)),
  );
}

const sum = (row: readonly number[]): number => row.reduce((total, count) => total + count, 0);
