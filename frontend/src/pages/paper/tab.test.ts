import { expect, test } from "vitest";
import { tabOf } from "./tab";

test("each page about the paper has a tab of its own", () => {
  const paths = ["", "/figures", "/figures/6", "/tables/6", "/text", "/claims", "/recipes/table-6", "/rules"];
  expect(paths.map((path) => tabOf(`/paper${path}`))).toEqual([
    "Tables of the paper",
    "Figures of the paper",
    "Figure 6 of the paper",
    "Table 6 of the paper",
    "Text of the paper",
    "Claims of the paper",
    "Recipe table-6 of the paper",
    "Rules of the paper",
  ]);
  expect(tabOf("/paper/")).toBe(tabOf("/paper"));
});
