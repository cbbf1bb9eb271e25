// A list that is the same object as long as it holds the same.
import { useRef } from "react";

/** The list of before where it holds the same: ten thousand runs are not gone through at every scroll. */
export function useSame<T>(list: readonly T[]): readonly T[] {
  const before = useRef(list);
  const isSame = list.length === before.current.length && list.every((one, i) => one === before.current[i]);
  if (!isSame) before.current = list;
  return before.current;
}
