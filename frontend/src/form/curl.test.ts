import { expect, test } from "vitest";
import { curlOf } from "./curl";

test("the curl command escapes a quote in a name", () => {
  const line = curlOf({ name: "it's" }, "http://127.0.0.1:8000", "runs");
  expect(line).toContain(`-d '{"name":"it'\\''s"}'`);
});
