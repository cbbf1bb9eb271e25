import { expect, test } from "vitest";
import { askedFor, isFiltered, readListed, sortedBy } from "./listing";

test("an old or mistyped link is read as far as it is understood", () => {
  const listed = readListed({
    status: "lost",
    text: 110,
    depth: "x",
    tag: "night",
    sort: "-test_error",
    fields: 1,
  });
  expect(listed).toMatchObject({ text: "110", tag: "night", sort: "-test_error" });
  expect(askedFor(listed)).toEqual({ text: "110", tag: "night", sort: "-test_error" });
});

test("conditions are read one or several", () => {
  expect(readListed({ where: "lr=0.1" }).where).toEqual(["lr=0.1"]);
  expect(readListed({ where: ["lr=0.1", 7, "depth<20"] }).where).toEqual(["lr=0.1", "depth<20"]);
  expect(readListed({ where: 7 }).where).toBeUndefined();
  expect(askedFor(readListed({ where: ["depth<20"] }))).toEqual({ where: ["depth<20"] });
  expect(isFiltered(readListed({ where: ["depth<20"] }))).toBe(true);
});

test("an order is by any name of a column, digits and all", () => {
  expect(readListed({ sort: "-stride_in_1x1" }).sort).toBe("-stride_in_1x1");
  expect(readListed({ sort: "lr;drop" }).sort).toBeUndefined();
});

test("an order alone filters nothing", () => {
  expect(isFiltered(readListed({ sort: "name", fields: "differing" }))).toBe(false);
  expect(isFiltered(readListed({ shortcut: "none" }))).toBe(true);
});

test("a click sorts, the next one turns it round, the third goes back to the newest first", () => {
  expect(sortedBy("test_error", "up", undefined)).toBe("test_error");
  expect(sortedBy("test_error", "up", "test_error")).toBe("-test_error");
  expect(sortedBy("test_error", "up", "-test_error")).toBe(undefined);
  expect(sortedBy("created_at", "down", "name")).toBe("-created_at");
});
