import { expect, test } from "vitest";
import type { Run } from "../api/types";
import { differingFields, specText } from "./spec";

const run = (spec: object, unknown?: string[]) =>
  ({ spec, origin: unknown ? { unknown } : null }) as unknown as Run;

test("a field that nobody said is not shown with the paper's value", () => {
  expect(specText(run({ lr: 0.1 }), "lr")).toBe("0.1");
  expect(specText(run({ lr: 0.1 }, []), "lr")).toBe("0.1");
  expect(specText(run({ lr: 0.1 }, ["lr"]), "lr")).toBe("not said");
});

test("a known and an unknown field differ, even where the values are the same", () => {
  expect(differingFields([run({ lr: 0.1, seed: 0 }), run({ lr: 0.1, seed: 0 }, ["lr"])])).toEqual(["lr"]);
});
