// Which cached answers a message of the stream makes outdated.

import type { EventKind, News } from "../types";
import { PROGRESS } from "./kinds";

/** Outdates everything that is cached about runs: after a cut, or where the stream left messages out. */
export const EVERYTHING: News = { position: "", reread: true, events: [], logged: [], deleted: [] };

/** Whether what is cached under this key may have changed. */
export function touches(news: News, [what, id, part]: readonly unknown[]): boolean {
  const isMore = news.reread || news.events.length > 0 || news.deleted.length > 0;
  if (what === "runs" || what === "studies" || what === "examinations") return isMore;
  // Verdicts change with an evaluation or an end, not with every step.
  if (what === "study" || what === "standings")
    return news.reread || news.deleted.length > 0 || news.events.some(({ kind }) => kind !== "steps");
  if (what === "curves" && Array.isArray(id)) {
    return news.reread || news.events.some(({ run_id }) => id.includes(run_id));
  }
  if (what !== "run" || typeof id !== "string") return false;
  if (news.reread) return true;
  if (part === "log") return news.logged.includes(id);
  if (news.deleted.includes(id)) return true;
  const isOutdated = part === "checkpoints" || part === "history" ? isChange : () => true;
  return news.events.some(({ run_id, kind }) => run_id === id && isOutdated(kind));
}

const isChange = (kind: EventKind): boolean => !PROGRESS.some((progress) => progress === kind);
