import { expect, test } from "vitest";
import type { Event, EventKind } from "../../api/client";
import { inWords } from "./eventSentences";

const happening = (kind: EventKind, body: Record<string, unknown> = {}, actor = "reslab"): Event => ({
  seq: 1,
  attempt: null,
  kind,
  actor,
  body,
  at: "2026-01-01T00:00:00Z",
});

test("what a person did names the person", () => {
  expect(inWords(happening("created", {}, "ada"))).toBe("created by ada");
  expect(inWords(happening("cancel_requested", {}, "ada"))).toBe("cancel requested by ada");
});

test("a takeover says from where the run goes on", () => {
  const claimed = happening("claimed", { worker: "local-1", device: "cpu", resumed_from: 200 });
  expect(inWords(claimed)).toBe("claimed by local-1 on cpu, from iteration 200");
  expect(inWords({ ...claimed, body: { ...claimed.body, resumed_from: 0 } })).toBe(
    "claimed by local-1 on cpu",
  );
});

test("a failure says why, and a kind without words of its own is shown as it is", () => {
  expect(inWords(happening("failed", { message: "loss is nan at iteration 12" }))).toBe(
    "failed: loss is nan at iteration 12",
  );
  expect(inWords(happening("succeeded"))).toBe("succeeded");
});
