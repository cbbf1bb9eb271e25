import { expect, test } from "vitest";
import type { Run } from "../api/client";
import { Failures, forEach } from "./forEach";

const runs = ["a", "b", "c", "d", "e", "f"].map((id) => ({ id, name: id }) as Run);

test("one that fails keeps none of the others from it, and is said", async () => {
  const asked: string[] = [];
  const failed = await forEach(runs, async ({ id }) => {
    asked.push(id);
    if (id === "b") throw new Error("it runs");
  }).catch((error) => error);
  expect(asked.toSorted()).toEqual(["a", "b", "c", "d", "e", "f"]);
  expect(failed).toBeInstanceOf(Failures);
  expect(failed.message).toBe("1 of 6 failed. b: it runs");
  expect(failed.done).toHaveLength(5);
});
