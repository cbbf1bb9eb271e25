import { expect, test } from "vitest";
import { readView } from "../chart/view";
import { only, writeSearch } from "./search";

test("a list is its values, each under its name", () => {
  expect(writeSearch({ run: ["A", "B"], preset: "fig4" })).toBe("?preset=fig4&run=A&run=B");
  expect(writeSearch({ run: [], preset: undefined })).toBe("");
  expect(writeSearch({ text: "110", cell: "table-6:error" })).toBe("?text=%22110%22&cell=table-6%3Aerror");
});

test("of an old link nothing is handed on that its page does not read", () => {
  const query = { preset: "fig4", from: -3, to: "abc", colour: "red" };
  const handedOn = { ...query, ...only(readView)(query) }; // as the router lays them over each other
  expect(handedOn).toMatchObject({ preset: "fig4" });
  expect(writeSearch(handedOn)).toBe("?preset=fig4");
});
