// Turns a drag in the queue into a priority, the only order that the API takes. Higher priorities start first.
import type { QueueEntry } from "../../api/types";

export const HIGHEST = 100;
export const LOWEST = -100;

type Waiting = Pick<QueueEntry, "run" | "priority">;

/**
 * The priority that moves a run to `target`'s position: above `target` if the run comes from below, below it if the run
 * comes from above. Undefined if the run doesn't move or if the range has no priority left.
 */
export function priorityFor(moved: string, target: string, waiting: readonly Waiting[]): number | undefined {
  const from = waiting.findIndex(({ run }) => run === moved);
  const to = waiting.findIndex(({ run }) => run === target);
  const [mover, other] = [waiting[from], waiting[to]];
  if (!mover || !other || from === to) return undefined;
  const priority = other.priority + (to < from ? 1 : -1);
  return priority > HIGHEST || priority < LOWEST ? undefined : priority;
}
