// What a channel can be told of, in words.
import type { NoticeKind } from "../../api/channels";

export const KINDS: { value: NoticeKind; label: string }[] = [
  { value: "run.succeeded", label: "a run has finished" },
  { value: "run.failed", label: "a run has failed" },
  { value: "run.cancelled", label: "a run was cancelled" },
  { value: "study.ended", label: "a study has ended" },
  { value: "worker.unfit", label: "a worker is unfit" },
  { value: "quota.reached", label: "a quota was reached" },
];

/** "a run has failed, a study has ended" */
export const inWords = (about: readonly string[]): string =>
  KINDS.filter(({ value }) => about.includes(value))
    .map(({ label }) => label)
    .join(", ");
