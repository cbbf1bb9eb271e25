import { expect, test } from "vitest";
import { days, extent, rest } from "./words";

const plan = { files: 1200, runs: 1, size_bytes: 2_500_000, archived: 0, first: [] };

test("a rule says after how many days something goes", () => {
  expect([days(null), days(1), days(30)]).toEqual(["never", "1 day", "30 days"]);
});

test("a plan says how much goes, and how much of it isn't listed", () => {
  expect(extent(plan)).toBe("1,200 files of 1 run, 2.5 MB");
  expect(rest(plan)).toBe("… and 1,200 more");
  expect(rest({ ...plan, files: 0 })).toBeUndefined();
});
