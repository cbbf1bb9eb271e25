// How wide the reader has made which columns: kept by this browser, like the columns themselves.
import { useLocalStorage } from "@mantine/hooks";

/** Pixels, by column; the others are as wide as they are at first. */
export type Widths = Readonly<Record<string, number>>;

export const [NARROWEST, WIDEST] = [56, 640];

export function useWidths() {
  const [widths, set, reset] = useLocalStorage<Widths>({
    key: "reslab.widths",
    defaultValue: {},
    deserialize: readWidths,
    getInitialValueInEffect: false,
  });
  /** Without a width, as it was at first. */
  const resize = (id: string, width: number | undefined) =>
    set(({ [id]: _, ...others }) => (width === undefined ? others : { ...others, [id]: bounded(width) }));
  return { widths, resize, reset };
}

/** What was kept; nothing where it cannot be read. */
export function readWidths(text: string | undefined): Widths {
  try {
    const kept: unknown = JSON.parse(text ?? "");
    if (typeof kept === "object" && kept !== null)
      return Object.fromEntries(
        Object.entries(kept).flatMap(([id, width]) => (Number.isFinite(width) ? [[id, bounded(width)]] : [])),
      );
  } catch {
    // Written by something else.
  }
  return {};
}

const bounded = (width: number): number => Math.round(Math.min(Math.max(width, NARROWEST), WIDEST));
