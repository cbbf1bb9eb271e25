// Which columns the reader has chosen, in which order: kept by this browser until they choose again.
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

/** What was kept; the defaults where it cannot be read. */
export function readChoice(text: string | undefined): string[] {
  try {
    const kept: unknown = JSON.parse(text ?? "");
    if (Array.isArray(kept) && kept.every((id) => typeof id === "string")) return [...new Set<string>(kept)];
  } catch {
    // Written by something else.
  }
  return DEFAULT;
}

/** One place to the left or the right; at the end it stays. */
export function moved(chosen: readonly string[], id: string, by: -1 | 1): string[] {
  const from = chosen.indexOf(id);
  const to = from + by;
  const order = [...chosen];
  if (from < 0 || to < 0 || to >= chosen.length) return order;
  order.splice(to, 0, ...order.splice(from, 1));
  return order;
}

export const toggled = (chosen: readonly string[], id: string): string[] =>
  chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id];
