// What a matrix of confusions says: how often each class is taken for which other.

/** A label that was taken for another class. `share` is the percent of the label's images. */
export type Mistake = { label: string; guess: string; count: number; of: number; share: number };

/** `matrix` in images, a row a label, a column a guess. The most frequent first; those that never happen are none. */
export function mistakesOf(classes: readonly string[], matrix: readonly (readonly number[])[]): Mistake[] {
  const named = (index: number) => classes[index] ?? `class ${index}`;
  return matrix
    .flatMap((row, label) => {
      const of = sum(row);
      return row.map((count, guess) => ({
        label: named(label),
        guess: named(guess),
        count: guess === label ? 0 : count,
        of,
        share: of > 0 ? (100 * count) / of : 0,
      }));
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

/** How dark each cell is, 0 to 1: by its part of the row, and what is wrong beside the most frequent mistake. */
export function shadesOf(matrix: readonly (readonly number[])[]): number[][] {
  const worst = Math.max(...matrix.flatMap((row, label) => row.filter((_, guess) => guess !== label)), 1);
  return matrix.map((row, label) =>
    row.map((count, guess) => (guess === label ? count / Math.max(sum(row), 1) : count / worst)),
  );
}

const sum = (row: readonly number[]): number => row.reduce((total, count) => total + count, 0);
