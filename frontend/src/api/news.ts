// What a message of the stream changes: which of the answers that are kept it makes old.
import type { News } from "./client";
import { PROGRESS } from "./kinds";

/** Everything that is kept of runs: after a cut, or where more happened than was told. */
export const EVERYTHING: News = { position: "", reread: true, events: [], logged: [], deleted: [] };

/** Whether what is kept under this key may have changed. */
export function touches(news: News, [what, id, part]: readonly unknown[]): boolean {
  const isMore = news.reread || news.events.length > 0 || news.deleted.length > 0;
  if (what === "runs" || what === "studies" || what === "examinations") return isMore;
  // What the judges say changes with an evaluation or an end, not with every step.
  if (what === "study" || what === "standings")
    return news.reread || news.deleted.length > 0 || news.events.some(({ kind }) => kind !== "steps");
  if (what === "curves" && Array.isArray(id)) {
    return news.reread || news.events.some(({ run_id }) => id.includes(run_id));
  }
  if (what !== "run" || typeof id !== "string") return false;
  if (news.reread) return true;
  if (part === "log") return news.logged.includes(id);
  if (news.deleted.includes(id)) return true;
  // Points come every second and change neither the files nor the history.
  const isOld = part === "checkpoints" || part === "history" ? isNoProgress : () => true;
  return news.events.some(({ run_id, kind }) => run_id === id && isOld(kind));
}

const isNoProgress = (kind: string): boolean => !PROGRESS.some((progress) => progress === kind);
