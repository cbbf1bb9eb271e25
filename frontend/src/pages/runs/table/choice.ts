// The columns that the reader has chosen, in order, which this browser remembers.
import { useLocalStorage } from "@mantine/hooks";
import { DEFAULT } from "./columns";

export function useChoice() {
  return useLocalStorage<string[]>({
    key: "reslab.columns",
    defaultValue: DEFAULT,
    deserialize: readChoice,
    getInitialValueInEffect: false,
  });
}

/** Reads the stored choice; returns the defaults where there is none or it can't be read. */
export function readChoice(text: string | undefined): string[] {
  try {
    const stored: unknown = JSON.parse(text ?? "");
    if (Array.isArray(stored) && stored.every((id) => typeof id === "string"))
      return [...new Set<string>(stored)];
  } catch {
    // Not written by this dashboard.
  }
  return DEFAULT;
}

/** The columns with one moved a step to the left or the right; at the end it stays where it is. */
export function moveColumn(chosen: readonly string[], id: string, by: -1 | 1): string[] {
  const from = chosen.indexOf(id);
  const to = from + by;
  const order = [...chosen];
  if (from < 0 || to < 0 || to >= chosen.length) return order;
  order.splice(to, 0, ...order.splice(from, 1));
  return order;
}

export const toggleColumn = (chosen: readonly string[], id: string): string[] =>
  chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id];
