// Which runs the list shows; the address's query holds it.

export const STATUSES = ["queued", "running", "paused", "succeeded", "failed", "cancelled"] as const;
export type Status = (typeof STATUSES)[number];
export type Filter = { status?: Status | undefined; text?: string | undefined };

export function readFilter({ status, text }: Record<string, unknown>): Filter {
  return {
    status: STATUSES.find((known) => known === status),
    // A query of digits is parsed as a number: ?text=110
    text: typeof text === "string" || typeof text === "number" ? String(text) || undefined : undefined,
  };
}
