// Which runs are selected. They stay so when the list is narrowed, and are forgotten with the page.
import { useRef, useState } from "react";
import type { Run } from "../../api/client";

export function useSelection(listed: readonly Run[]) {
  const [kept, setKept] = useState<ReadonlyMap<string, Run>>(new Map());
  const anchor = useRef(0);
  // As they are now, where the list has them.
  const selected = new Map(kept);
  for (const run of kept.size > 0 ? listed : []) if (kept.has(run.id)) selected.set(run.id, run);

  /** The row at `index`; with `isRange` all from the one that was selected before. */
  const select = (index: number, isRange: boolean) => {
    const run = listed[index];
    if (!run) return;
    const isAdded = !kept.has(run.id);
    const [from, to] = isRange
      ? [Math.min(anchor.current, index), Math.max(anchor.current, index)]
      : [index, index];
    setKept(changed(kept, listed.slice(from, to + 1), isAdded));
    anchor.current = index;
  };
  return {
    selected,
    runs: [...selected.values()],
    select,
    toggleAll: () => setKept(changed(kept, listed, !listed.every(({ id }) => kept.has(id)))),
    clear: () => setKept(new Map()),
    leaveOut: (ids: readonly string[]) =>
      setKept((before) => new Map([...before].filter(([id]) => !ids.includes(id)))),
  };
}

/** The selection with these runs, or without them. */
export function changed(
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
