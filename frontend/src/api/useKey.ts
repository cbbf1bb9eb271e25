// One idempotency key a body: a second click, or a try after a lost answer, makes nothing twice.
import { useMemo } from "react";
import { newIdempotencyKey } from "./client";

export function useKey(body: unknown): string {
  const text = JSON.stringify(body);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text asks for another key
  return useMemo(newIdempotencyKey, [text]);
}
