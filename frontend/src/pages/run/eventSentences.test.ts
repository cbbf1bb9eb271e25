import { expect, test } from "vitest";
import type { Event, EventKind } from "../../api/types";
import { sentenceOf } from "./eventSentences";

const event = (kind: EventKind, body: Record<string, unknown> = {}, actor = "reslab"): Event => ({
  seq: 1,
  attempt: null,
  kind,
  actor,
  body,
  at: "2026-01-01T00:00:00Z",
});

test("a change by a person names the person", () => {
  expect(sentenceOf(event("created", {}, "ada"))).toBe("created by ada");
  expect(sentenceOf(event("cancel_requested", {}, "ada"))).toBe("cancellation requested by ada");
});

test("a takeover says from which iteration the run continues", () => {
  const claimed = event("claimed", { worker: "local-1", device: "cpu", resumed_from: 200 });
  expect(sentenceOf(claimed)).toBe("claimed by local-1 on cpu, from iteration 200");
  expect(sentenceOf({ ...claimed, body: { ...claimed.body, resumed_from: 0 } })).toBe(
    "claimed by local-1 on cpu",
  );
});

test("a start says which source of the trainer runs, if the trainer said so", () => {
  const started = event("started", { device: "cpu", threads: 2, source: "0123456789abcdef".repeat(4) });
  expect(sentenceOf(started)).toBe("training on cpu with 2 threads, trainer source 0123456789ab");
  expect(sentenceOf({ ...started, body: { device: "cpu", threads: 1 } })).toBe(
    "training on cpu with 1 thread",
  );
});

test("a failure says why, and a kind without a sentence of its own is shown as it is", () => {
  expect(sentenceOf(event("failed", { message: "loss is nan at iteration 12" }))).toBe(
    "failed: loss is nan at iteration 12",
  );
  expect(sentenceOf(event("succeeded"))).toBe("succeeded");
});
