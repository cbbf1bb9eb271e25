// Every key of the dashboard: what it does and where. `?` shows this list.
import { useWindowEvent } from "@mantine/hooks";

export const SHORTCUTS = {
  "?": { where: "Every page", does: "show this list" },
  "/": { where: "Runs", does: "search; Enter returns to the rows" },
  j: { where: "Runs", does: "go to the next run" },
  k: { where: "Runs", does: "go to the previous run" },
  x: { where: "Runs", does: "select or deselect the run" },
  Enter: { where: "Runs", does: "open the run" },
  c: { where: "Runs", does: "compare the selected runs" },
  Escape: { where: "Runs", does: "clear the selection" },
  o: { where: "A run", does: "go to the log" },
  l: { where: "A page with a chart", does: "switch the y axis between linear and logarithmic" },
  "← →": { where: "A focused chart", does: "move the cursor; with Shift by ten points" },
  "+ − 0": { where: "A focused chart", does: "zoom in, zoom out, show all; Enter pins the cursor" },
} as const;

export type Key = keyof typeof SHORTCUTS;

/** Acts on these keys, except where the reader types into a field or a dialog is open. */
export function useShortcuts(actions: { [key in Key]?: () => void }): void {
  useWindowEvent("keydown", (event) => {
    const act = Object.entries(actions).find(([key]) => key === event.key)?.[1];
    if (!act || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("[role=dialog]")) return;
    event.preventDefault();
    act();
  });
}

/** Whether what is typed goes into a field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox";
  return target.isContentEditable || target.matches("textarea, select, [role=combobox], [role=listbox] *");
}
