// One idempotency key for each body: a second click, or a retry after a lost answer, creates nothing twice.
import { useMemo } from "react";

export function useKey(body: unknown): string {
  const text = JSON.stringify(body);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text needs another key
  return useMemo(newIdempotencyKey, [text]);
}

/** 128 random bits; crypto.randomUUID is missing on a page that isn't served securely. */
const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
