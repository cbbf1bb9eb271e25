import { beforeEach, expect, test, vi } from "vitest";
import { openSession } from "../api/service";
import { openSessionWith, takeToken } from "./token";

vi.mock("../api/service", () => ({ openSession: vi.fn() }));

beforeEach(() => history.replaceState(null, "", "/"));

test("a token is taken out of the address", () => {
  history.replaceState(null, "", "/#token=rsl_a%2Db");
  expect(takeToken()).toBe("rsl_a-b");
  expect(location.hash).toBe("");
  expect(takeToken()).toBeUndefined();
});

test("any other fragment stays", () => {
  history.replaceState(null, "", "/paper#table-6");
  expect(takeToken()).toBeUndefined();
  expect(location.hash).toBe("#table-6");
});

test("the login page learns that a token is unknown", async () => {
  vi.mocked(openSession).mockRejectedValue(new Error("401"));
  await expect(openSessionWith("rsl_old")).rejects.toThrow("401");
  expect(location.hash).toBe("#unknown-token");
});
