// Prints a page with its lazy parts: Ctrl+P draws them, and the print dialog waits until they are there.
import { useSyncExternalStore } from "react";
import { flushSync } from "react-dom";

const [CHECK_MS, LIMIT_MS] = [100, 15_000];
// Looks in a row that see nothing that loads: on a busy machine a part asks for its data some looks after its script.
const QUIET = 5;

const listeners = new Set<() => void>();
let isWhole = false;

/** Whether every part must be drawn, because the page is printed. Stays true: what was drawn remains. */
export const useWhole = (): boolean => useSyncExternalStore(subscribe, () => isWhole);

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    window.addEventListener("keydown", onKey);
    window.addEventListener("beforeprint", drawAll);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.removeEventListener("keydown", onKey);
    window.removeEventListener("beforeprint", drawAll);
    isWhole = false;
  };
}

async function onKey(event: KeyboardEvent): Promise<void> {
  if (event.key !== "p" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  drawAll();
  await loaded();
  window.print();
}

/** From the browser's menu nothing can wait: what is still loading says on paper that it is missing (print.css). */
function drawAll(): void {
  isWhole = true;
  flushSync(() => {
    for (const listener of listeners) listener();
  });
}

/** Until several looks in a row see nothing that loads: a part asks for its data once its script is there. */
async function loaded(): Promise<void> {
  let quiet = 0;
  for (let waited = 0; waited < LIMIT_MS && quiet < QUIET; waited += CHECK_MS) {
    await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
    quiet = document.querySelector('[role=status][aria-label^="loading"]') ? 0 : quiet + 1;
  }
}
