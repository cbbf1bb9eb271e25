import { expect, test } from "vitest";
import { bodyOf, networkChoice, readStudyDraft, START } from "./studyDraft";

test("an address without a recipe gives the default draft", () => {
  expect(readStudyDraft({})).toEqual(START);
  expect(readStudyDraft({ seeds: 3 })).toEqual(START);
});

test("unknown values in an old link are dropped", () => {
  const link = { recipe: "table-6", seeds: "many", scale: 0.5, networks: ["ResNet-20 A", 7], reuse: "yes" };
  expect(readStudyDraft(link)).toEqual({ recipe: "table-6", scale: 0.5, networks: ["ResNet-20 A"] });
});

test("a single network becomes a list of one", () => {
  const link = { recipe: "table-6", networks: "ResNet-20 A" };
  expect(readStudyDraft(link)).toEqual({ recipe: "table-6", networks: ["ResNet-20 A"] });
});

test("only the chosen fields are sent", () => {
  expect(bodyOf({ recipe: "table-6", seeds: undefined, scale: 0.5 })).toEqual({
    recipe: "table-6",
    scale: 0.5,
  });
});

test("choosing all networks, or none, is the same as not choosing", () => {
  const all = ["plain-20", "plain-56"];
  expect(networkChoice(all, ["plain-56"])).toEqual(["plain-56"]);
  expect(networkChoice(all, ["plain-56", "plain-20"])).toBeUndefined();
  expect(networkChoice(all, [])).toBeUndefined();
});

test("priority and queue are read from the address, and an unknown queue is dropped", () => {
  const link = { recipe: "table-6", priority: -5, queue: "gpu" };
  expect(readStudyDraft(link)).toEqual(link);
  expect(readStudyDraft({ ...link, queue: "tpu" })).toEqual({ recipe: "table-6", priority: -5 });
});

test("a registered draft sends its question and rule together, an unregistered one sends neither", () => {
  const draft = readStudyDraft({ recipe: "table-6", registered: true, question: "Does depth hurt?" });
  expect(bodyOf(draft)).toEqual({ recipe: "table-6", registration: { question: "Does depth hurt?" } });
  expect(bodyOf({ ...draft, question: undefined })).toEqual({ recipe: "table-6", registration: {} });
  expect(bodyOf({ ...draft, registered: undefined })).toEqual({ recipe: "table-6" });
});

test("a study of small detectors sends how they differ, and another study doesn't", () => {
  const { detection } = bodyOf(readStudyDraft({ recipe: "table-7", dataset: "bccd", small: true }));
  expect(detection?.instead).toEqual({ vgg16: "resnet18", resnet101: "resnet34" });
  expect(bodyOf(readStudyDraft({ recipe: "table-7" }))).toEqual({ recipe: "table-7" });
  expect(bodyOf(readStudyDraft({ recipe: "table-6", small: true }))).toEqual({ recipe: "table-6" });
});
