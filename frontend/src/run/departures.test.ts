import { expect, test } from "vitest";
import type { Finding, Run } from "../api/types";
import { protocolSentence } from "./departures";

const own = { origin: null };
const imported = { origin: { unknown: ["lr"] } as unknown as NonNullable<Run["origin"]> };
const finding = (severity: Finding["severity"]) => ({ severity }) as Finding;

test("silence about a field is not kept", () => {
  expect(protocolSentence(imported, [finding("unknown")])).toBe(
    "Nobody said the whole protocol, so this result can't stand beside the paper's.",
  );
});

test("a declared protocol is not said to have been kept", () => {
  expect(protocolSentence(imported, [])).toBe("The declared protocol is the paper's.");
  expect(protocolSentence(own, [])).toBe("The paper's protocol was kept.");
});

test("departures have a sentence of their own", () => {
  expect(protocolSentence(imported, [finding("unknown"), finding("departure")])).toBeNull();
});
