// The rows of a long table that are drawn: the rows in sight and a few on either side.

export type Range = { first: number; last: number };

const AROUND = 6;

/** `last` is exclusive. All lengths are in pixels. */
export function rowsInSight(top: number, height: number, rowHeight: number, count: number): Range {
  const first = Math.max(Math.floor(top / rowHeight) - AROUND, 0);
  const last = Math.min(Math.ceil((top + height) / rowHeight) + AROUND, count);
  return { first: Math.min(first, last), last };
}

// The range that decides which pages to fetch changes in steps of this many rows.
const BLOCK = 25;

/** The blocks of rows that a range touches. */
export const inBlocks = ({ first, last }: Range): Range => ({
  first: Math.floor(first / BLOCK) * BLOCK,
  last: Math.ceil(last / BLOCK) * BLOCK,
});
