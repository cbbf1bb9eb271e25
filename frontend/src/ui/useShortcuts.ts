// Every key of the dashboard: what it does and where. The list that `?` shows is this one.
import { useWindowEvent } from "@mantine/hooks";

export const SHORTCUTS = {
  "?": { where: "Everywhere", does: "this list" },
  "/": { where: "Runs", does: "search; Enter goes back to the rows" },
  j: { where: "Runs", does: "the next run" },
  k: { where: "Runs", does: "the run before" },
  x: { where: "Runs", does: "select the run, or leave it out" },
  Enter: { where: "Runs", does: "open the run" },
  c: { where: "Runs", does: "compare what is selected" },
  Escape: { where: "Runs", does: "select nothing" },
  o: { where: "A run", does: "go to its log" },
  l: { where: "A page with a chart", does: "logarithmic y axis, or linear again" },
  "← →": { where: "A chart that has the focus", does: "move the cursor; with Shift by ten" },
  "+ − 0": { where: "A chart that has the focus", does: "zoom in, out, show all; Enter pins the cursor" },
} as const;

export type Key = keyof typeof SHORTCUTS;

/** Acts on these keys, but never on what is typed into a field, nor behind a dialog. */
export function useShortcuts(actions: { [key in Key]?: () => void }): void {
  useWindowEvent("keydown", (event) => {
    const act = Object.entries(actions).find(([key]) => key === event.key)?.[1];
    if (!act || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("[role=dialog]")) return;
    event.preventDefault();
    act();
  });
}

/** Whether the keyboard belongs to a field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox";
  return target.isContentEditable || target.matches("textarea, select, [role=combobox], [role=listbox] *");
}
