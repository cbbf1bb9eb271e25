import { expect, test } from "vitest";
import { readViews } from "./views";

test("stored views are addresses' queries; anything else is left out", () => {
  expect(readViews('{"plain":"?shortcut=none","bad":3,"worse":"javascript:alert(1)"}')).toEqual({
    plain: "?shortcut=none",
  });
  expect(readViews("not JSON")).toEqual({});
  expect(readViews(undefined)).toEqual({});
});
