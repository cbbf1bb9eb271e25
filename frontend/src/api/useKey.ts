// One idempotency key for each body: a second click, or a retry after a lost answer, creates nothing twice.
import { useMemo } from "react";
import { newIdempotencyKey } from "./client";

export function useKey(body: unknown): string {
  const text = JSON.stringify(body);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text needs another key
  return useMemo(newIdempotencyKey, [text]);
}
