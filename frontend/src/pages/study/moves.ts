// The actions that a study's state allows, and the reasons why it doesn't allow the others.
import type { Move, Study, StudyMember } from "../../api/types";

type StudyState = Pick<Study, "status" | "progress">;

/** Why a study can't be paused, resumed or cancelled; undefined if it can. */
export function whyNot(move: Move, { status, progress }: StudyState): string | undefined {
  if (status === "ended") return "All runs of this study have ended.";
  if (move === "resume" && !progress.by_status.paused) return "No run of this study is paused.";
  if (move === "pause" && status === "paused") return "All unfinished runs of this study are already paused.";
  return undefined;
}

export const whyNoCertificate = ({ status }: StudyState): string | undefined =>
  status === "ended" ? undefined : "You can download a certificate once all runs of this study have ended.";

/** The existing runs that were made for a study, which can be deleted with it. */
export const ownRuns = ({ members }: Pick<Study, "members">): StudyMember[] =>
  members.filter(({ run, reused }) => run !== null && !reused);

export const iterationsOf = (members: readonly StudyMember[]): number =>
  members.reduce((sum, { iteration }) => sum + (iteration ?? 0), 0);

/** Why a study's runs can't be deleted with it; undefined if they can. */
export const whyNotWithRuns = ({ members }: Pick<Study, "members">): string | undefined =>
  members.some(({ status, reused }) => status === "running" && !reused)
    ? "A run of this study is training. Cancel the study first."
    : undefined;
