import { expect, test } from "vitest";
import { readView } from "../chart/view";
import { only, writeSearch } from "./search";

test("a list repeats its name for each value", () => {
  expect(writeSearch({ run: ["A", "B"], preset: "fig4" })).toBe("?preset=fig4&run=A&run=B");
  expect(writeSearch({ run: [], preset: undefined })).toBe("");
  expect(writeSearch({ text: "110", cell: "table-6:error" })).toBe("?text=%22110%22&cell=table-6%3Aerror");
});

test("parts of an old link that its page doesn't read are not passed on", () => {
  const query = { preset: "fig4", from: -3, to: "abc", colour: "red" };
  const search = { ...query, ...only(readView)(query) }; // merged as the router merges them
  expect(search).toMatchObject({ preset: "fig4" });
  expect(writeSearch(search)).toBe("?preset=fig4");
});
