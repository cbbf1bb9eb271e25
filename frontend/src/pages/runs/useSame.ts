// Keeps a list the same object as long as its members are the same.
import { useRef } from "react";

/** Returns the previous list where its members are the same, so that a scroll doesn't redraw ten thousand runs. */
export function useSame<T>(list: readonly T[]): readonly T[] {
  const before = useRef(list);
  const isSame =
    list.length === before.current.length && list.every((member, i) => member === before.current[i]);
  if (!isSame) before.current = list;
  return before.current;
}
