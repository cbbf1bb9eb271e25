import { afterEach, expect, test, vi } from "vitest";
import { loadPart } from "./loadPart";

afterEach(() => vi.unstubAllGlobals());

/** Fails so many times before it is there. */
const after = (failures: number) => async () => {
  if (failures-- > 0) throw new Error("not fetched");
  return "the part";
};

test("a part is waited for while the service is away", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("away")));
  expect(await loadPart(after(3), 1)).toBe("the part");
});

test("a part that the service does not have is no matter of waiting", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("ok")));
  await expect(loadPart(after(1), 1)).rejects.toThrow("not fetched");
});
