// The selected runs. A filter doesn't change the selection, which lasts until the reader leaves the page.
import { useRef, useState } from "react";
import type { Run } from "../../api/types";

export function useSelection(listed: readonly Run[]) {
  const [selection, setSelection] = useState<ReadonlyMap<string, Run>>(new Map());
  const anchor = useRef(0);
  // In their current state, where the list has them.
  const selected = new Map(selection);
  for (const run of selection.size > 0 ? listed : []) if (selection.has(run.id)) selected.set(run.id, run);

  /** Selects or deselects the row at `index`; with `isRange`, all rows from the last one that was clicked. */
  const select = (index: number, isRange: boolean) => {
    const run = listed[index];
    if (!run) return;
    const isAdded = !selection.has(run.id);
    const [from, to] = isRange
      ? [Math.min(anchor.current, index), Math.max(anchor.current, index)]
      : [index, index];
    setSelection(withRuns(selection, listed.slice(from, to + 1), isAdded));
    anchor.current = index;
  };
  return {
    selected,
    runs: [...selected.values()],
    select,
    toggleAll: () => setSelection(withRuns(selection, listed, !listed.every(({ id }) => selection.has(id)))),
    clear: () => setSelection(new Map()),
    remove: (ids: readonly string[]) =>
      setSelection((before) => new Map([...before].filter(([id]) => !ids.includes(id)))),
  };
}

/** The selection with these runs, or without them. */
export function withRuns(
  selected: ReadonlyMap<string, Run>,
  runs: readonly Run[],
  isAdded: boolean,
): ReadonlyMap<string, Run> {
  const next = new Map(selected);
  for (const run of runs) {
    if (isAdded) next.set(run.id, run);
    else next.delete(run.id);
  }
  return next;
}
