import { expect, test } from "vitest";
import { isFiltered, nextSort, queryOf, readListing } from "./listing";

test("the parts of an old or mistyped link that are valid are read", () => {
  const listed = readListing({
    status: "lost",
    text: 110,
    depth: "x",
    tag: "night",
    sort: "-test_error",
    fields: 1,
  });
  expect(listed).toMatchObject({ text: "110", tag: "night", sort: "-test_error" });
  expect(queryOf(listed)).toEqual({ text: "110", tag: "night", sort: "-test_error" });
});

test("a link has one condition or several", () => {
  expect(readListing({ where: "lr=0.1" }).where).toEqual(["lr=0.1"]);
  expect(readListing({ where: ["lr=0.1", 7, "depth<20"] }).where).toEqual(["lr=0.1", "depth<20"]);
  expect(readListing({ where: 7 }).where).toBeUndefined();
  expect(queryOf(readListing({ where: ["depth<20"] }))).toEqual({ where: ["depth<20"] });
  expect(isFiltered(readListing({ where: ["depth<20"] }))).toBe(true);
});

test("a list can be sorted by any column name, also one with digits", () => {
  expect(readListing({ sort: "-stride_in_1x1" }).sort).toBe("-stride_in_1x1");
  expect(readListing({ sort: "lr;drop" }).sort).toBeUndefined();
});

test("an order alone filters nothing", () => {
  expect(isFiltered(readListing({ sort: "name", fields: "differing" }))).toBe(false);
  expect(isFiltered(readListing({ shortcut: "none" }))).toBe(true);
});

test("a click sorts, the second reverses the order, the third returns to the newest first", () => {
  expect(nextSort("test_error", "up", undefined)).toBe("test_error");
  expect(nextSort("test_error", "up", "test_error")).toBe("-test_error");
  expect(nextSort("test_error", "up", "-test_error")).toBe(undefined);
  expect(nextSort("created_at", "down", "name")).toBe("-created_at");
});

test("the form of the list is in its address, and doesn't decide which runs are listed", () => {
  const listed = readListing({
    view: "scatter",
    x: "depth",
    y: "a b",
    by: 3,
    columns: ["test_error", "curve"],
  });
  expect(listed).toMatchObject({ view: "scatter", x: "depth", columns: ["test_error", "curve"] });
  expect([listed.y, listed.by, readListing({ view: "pie" }).view]).toEqual([undefined, undefined, undefined]);
  expect(queryOf(listed)).toEqual({});
  expect(isFiltered(listed)).toBe(false);
});

test("archived runs are listed only where the link says so", () => {
  expect(queryOf(readListing({ archived: true }))).toEqual({ archived: true });
  expect(isFiltered(readListing({ archived: true }))).toBe(true);
  expect(queryOf(readListing({ archived: "yes" }))).toEqual({});
});
