// Views of the list that the reader has saved under a name: filters, order, columns and form. This browser keeps them.
import { useLocalStorage } from "@mantine/hooks";

/** The address's query by the view's name. */
export type Views = Readonly<Record<string, string>>;

export function useViews() {
  const [views, set] = useLocalStorage<Views>({
    key: "reslab.views",
    defaultValue: {},
    deserialize: readViews,
    getInitialValueInEffect: false,
  });
  return {
    views,
    save: (name: string, query: string) => set((before) => ({ ...before, [name]: query })),
    remove: (name: string) => set(({ [name]: _, ...others }) => others),
  };
}

/** Reads the stored views, without what this dashboard can't have written. */
export function readViews(text: string | undefined): Views {
  try {
    const stored: unknown = JSON.parse(text ?? "");
    if (typeof stored === "object" && stored !== null)
      return Object.fromEntries(
        Object.entries(stored).filter(([, query]) => typeof query === "string" && query.startsWith("?")),
      );
  } catch {
    // Not written by this dashboard.
  }
  return {};
}
