import { expect, test } from "vitest";
import { writeSearch } from "./address";

test("a list is its values, each under its name", () => {
  expect(writeSearch({ run: ["A", "B"], preset: "fig4" })).toBe("?preset=fig4&run=A&run=B");
  expect(writeSearch({ run: [], preset: undefined })).toBe("");
  expect(writeSearch({ text: "110", cell: "table-6:error" })).toBe("?text=%22110%22&cell=table-6%3Aerror");
});
