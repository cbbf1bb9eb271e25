// The column widths that the reader has set, which this browser remembers.
import { useLocalStorage } from "@mantine/hooks";

/** Pixels by column; columns without an entry have their default width. */
export type Widths = Readonly<Record<string, number>>;

export const [NARROWEST, WIDEST] = [56, 640];

export function useWidths() {
  const [widths, set, reset] = useLocalStorage<Widths>({
    key: "reslab.widths",
    defaultValue: {},
    deserialize: readWidths,
    getInitialValueInEffect: false,
  });
  /** Sets a column's width; without one, resets it. */
  const resize = (id: string, width: number | undefined) =>
    set(({ [id]: _, ...others }) => (width === undefined ? others : { ...others, [id]: clamp(width) }));
  return { widths, resize, reset };
}

/** Reads the stored widths; returns none where they can't be read. */
export function readWidths(text: string | undefined): Widths {
  try {
    const stored: unknown = JSON.parse(text ?? "");
    if (typeof stored === "object" && stored !== null)
      return Object.fromEntries(
        Object.entries(stored).flatMap(([id, width]) => (Number.isFinite(width) ? [[id, clamp(width)]] : [])),
      );
  } catch {
    // Not written by this dashboard.
  }
  return {};
}

const clamp = (width: number): number => Math.round(Math.min(Math.max(width, NARROWEST), WIDEST));
