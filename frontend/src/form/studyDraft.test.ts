import { expect, test } from "vitest";
import { bodyOf, chosen, readStudyDraft, START } from "./studyDraft";

test("an address without a recipe is the smallest start", () => {
  expect(readStudyDraft({})).toEqual(START);
  expect(readStudyDraft({ seeds: 3 })).toEqual(START);
});

test("what an old link holds and is not understood is left out", () => {
  const link = { recipe: "table-6", seeds: "many", scale: 0.5, networks: ["ResNet-20 A", 7], reuse: "yes" };
  expect(readStudyDraft(link)).toEqual({ recipe: "table-6", scale: 0.5, networks: ["ResNet-20 A"] });
});

test("one network alone is a list of one", () => {
  const link = { recipe: "table-6", networks: "ResNet-20 A" };
  expect(readStudyDraft(link)).toEqual({ recipe: "table-6", networks: ["ResNet-20 A"] });
});

test("only what was chosen is sent: the rest is the paper's", () => {
  expect(bodyOf({ recipe: "table-6", seeds: undefined, scale: 0.5 })).toEqual({
    recipe: "table-6",
    scale: 0.5,
  });
});

test("all networks are no choice, and none is none either", () => {
  const all = ["plain-20", "plain-56"];
  expect(chosen(all, ["plain-56"])).toEqual(["plain-56"]);
  expect(chosen(all, ["plain-56", "plain-20"])).toBeUndefined();
  expect(chosen(all, [])).toBeUndefined();
});

test("the place in the queue is read from the address, and what is no device is left out", () => {
  const link = { recipe: "table-6", priority: -5, queue: "gpu" };
  expect(readStudyDraft(link)).toEqual(link);
  expect(readStudyDraft({ ...link, queue: "tpu" })).toEqual({ recipe: "table-6", priority: -5 });
});
