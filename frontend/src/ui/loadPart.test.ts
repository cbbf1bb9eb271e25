import { afterEach, expect, test, vi } from "vitest";
import { loadPart } from "./loadPart";

afterEach(() => vi.unstubAllGlobals());

/** Fails `failures` times, then succeeds. */
const after = (failures: number) => async () => {
  if (failures-- > 0) throw new Error("not fetched");
  return "the part";
};

test("loading waits while the service is away", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("away")));
  expect(await loadPart(after(3), 1)).toBe("the part");
});

test("loading a part that the service doesn't have fails at once", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("ok")));
  await expect(loadPart(after(1), 1)).rejects.toThrow("not fetched");
});
