import { expect, test } from "vitest";
import { hueOf } from "./look";

test("a run has the hue that the service's figures give it (tests/paper/test_drawing.py)", () => {
  expect(hueOf("019a0000-0000-7000-8000-000000000001")).toBe(2);
});
