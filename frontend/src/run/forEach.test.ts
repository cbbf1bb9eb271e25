import { expect, test } from "vitest";
import type { Run } from "../api/types";
import { Failures, forEach } from "./forEach";

const runs = ["a", "b", "c", "d", "e", "f"].map((id) => ({ id, name: id }) as Run);

test("a failure doesn't stop the other calls, and is reported", async () => {
  const calls: string[] = [];
  const failed = await forEach(runs, async ({ id }) => {
    calls.push(id);
    if (id === "b") throw new Error("it is running");
  }).catch((error) => error);
  expect(calls.toSorted()).toEqual(["a", "b", "c", "d", "e", "f"]);
  expect(failed).toBeInstanceOf(Failures);
  expect(failed.message).toBe("1 of 6 failed. b: it is running");
  expect(failed.done).toHaveLength(5);
});
