import { expect, test } from "vitest";
import { nameFrom } from "./name";

test("an archive's name becomes a name that the API accepts", () => {
  expect(nameFrom("My Digits.tar.gz")).toBe("my-digits");
  expect(nameFrom("cifar10-jpeg75.tar.xz")).toBe("cifar10-jpeg75");
  expect(nameFrom("__Ünïcode__.zip")).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
  expect(nameFrom(`${"x".repeat(90)}.zip`)).toHaveLength(64);
});
