// Where a run goes in the queue, as priorities: the only order that one can ask for. Higher goes first.
import type { QueueEntry } from "../../api/client";

export const HIGHEST = 100;
export const LOWEST = -100;

type Waiting = Pick<QueueEntry, "run" | "priority">;

/**
 * The priority with which a run would stand where `target` stands: above it when it comes from below, below it when it
 * comes from above. Undefined where it stands there already, or where the range has no priority left.
 */
export function priorityFor(moved: string, target: string, waiting: readonly Waiting[]): number | undefined {
  const from = waiting.findIndex(({ run }) => run === moved);
  const to = waiting.findIndex(({ run }) => run === target);
  const [mover, other] = [waiting[from], waiting[to]];
  if (!mover || !other || from === to) return undefined;
  const wanted = other.priority + (to < from ? 1 : -1);
  return wanted > HIGHEST || wanted < LOWEST ? undefined : wanted;
}
