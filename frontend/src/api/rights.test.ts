import { expect, test } from "vitest";
import { rowsOf } from "./rights";

test("rows of the same project and owner are one question", () => {
  const ann = { project: "lab", owner: "ann" };
  expect(rowsOf([ann, { project: "default", owner: "bob" }, ann])).toEqual(["default/bob", "lab/ann"]);
});

test("something new has a project and no owner", () => {
  expect(rowsOf([{ project: "lab" }])).toEqual(["lab"]);
});
