import { expect, test } from "vitest";
import { type Draft, declarationOf, EMPTY, fieldsToDeclare } from "./declaration";

const paper = { lr: 0.1, momentum: 0.9, warmup: null, log_every: 1, dataset: "cifar10" };
const draft = (changes: Partial<Draft>): Draft => ({ ...EMPTY, ...changes });

test("a field is unknown unless it is declared", () => {
  const network = { dataset: "cifar10", depth: "20", shortcut: "A" };
  const fields = {
    lr: { choice: "unknown" as const, text: "0.2" },
    momentum: { choice: "kept" as const, text: "" },
  };
  expect(declarationOf(draft({ network, fields }), paper).spec).toEqual({
    dataset: "cifar10",
    depth: 20,
    shortcut: "A",
    momentum: 0.9,
  });
});

test("another value is typed as a number, as iterations, or as JSON", () => {
  const other = (text: string) => ({ choice: "other" as const, text });
  const fields = {
    lr: other(" 0.05 "),
    augment: other("crop"),
    nesterov: other("true"),
    schedule: other("100, 200"),
    warmup: other('{"lr": 0.01, "until_train_error": 80}'),
    batch_size: other(" "),
  };
  expect(declarationOf(draft({ fields }), paper).spec).toEqual({
    lr: 0.05,
    augment: "crop",
    nesterov: true,
    schedule: { kind: "steps", at: [100, 200] },
    warmup: { lr: 0.01, until_train_error: 80 },
  });
});

test("the input of weights is three numbers, and what is not a number is left to the service to refuse", () => {
  const input = (weightsMean: string, weightsStd = "") =>
    declarationOf(draft({ weightsMean, weightsStd }), paper).weights_input;
  expect(input("")).toBeUndefined();
  expect(input("0.49, 0.48, 0.45")).toEqual({ mean: [0.49, 0.48, 0.45], std: [1, 1, 1], scale: 1 });
  expect(input("0.5,0.5,0.5", "0.25, 0.25,0.25")?.std).toEqual([0.25, 0.25, 0.25]);
  expect(JSON.stringify(input("0.49, x,"))).toContain('"mean":[0.49,null,null]');
});

test("what was left empty is not sent", () => {
  const declared = declarationOf(EMPTY, paper);
  expect(declared).toMatchObject({ lab: null, source: null, test_images: null });
  expect("name" in declared).toBe(false);
});

test("what the file shows is not declared", () => {
  expect(fieldsToDeclare(paper)).toEqual(["lr", "momentum", "warmup"]);
});
