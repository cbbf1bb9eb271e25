// What may be done with a study, and why not where it may not.
import type { Move, Study, StudyMember } from "../../api/client";

type Standing = Pick<Study, "status" | "progress">;

/** Why a study cannot be moved so; undefined where it can. */
export function whyNot(move: Move, { status, progress }: Standing): string | undefined {
  if (status === "ended") return "All runs of the study have ended.";
  if (move === "resume" && !progress.by_status.paused) return "None of its runs is paused.";
  if (move === "pause" && status === "paused")
    return "All of its runs that have not ended are paused already.";
  return undefined;
}

export const whyNoCertificate = ({ status }: Standing): string | undefined =>
  status === "ended" ? undefined : "A certificate is signed when all runs of the study have ended.";

/** The runs that were made for it and are still there: what is deleted with it. */
export const ownRuns = ({ members }: Pick<Study, "members">): StudyMember[] =>
  members.filter(({ run, reused }) => run !== null && !reused);

export const iterationsOf = (members: readonly StudyMember[]): number =>
  members.reduce((sum, { iteration }) => sum + (iteration ?? 0), 0);

/** Why its runs cannot be deleted with it; undefined where they can. */
export const whyNotWithRuns = ({ members }: Pick<Study, "members">): string | undefined =>
  members.some(({ status, reused }) => status === "running" && !reused)
    ? "One of them is training: cancel the study first."
    : undefined;
