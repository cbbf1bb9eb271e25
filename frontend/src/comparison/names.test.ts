import { expect, test } from "vitest";
import type { Run } from "../api/types";
import { namesOf } from "./names";

const run = (id: string, name: string, seed: number) => ({ id, name, spec: { seed, depth: 20 } }) as Run;

test("runs with the same name are distinguished by their differing fields, and otherwise by their ids", () => {
  const runs = [run("a-1111", "n", 0), run("b-2222", "n", 1), run("c-3333", "n", 1), run("d-4444", "m", 5)];
  expect([...namesOf(runs).values()]).toEqual(["n, seed 0", "n, seed 1 …2222", "n, seed 1 …3333", "m"]);
});

test("a name has no more fields than tell the runs apart", () => {
  const short = {
    id: "a",
    name: "n",
    spec: { seed: 4, iterations: 400, evaluate_every: 50 },
  } as unknown as Run;
  const long = {
    id: "b",
    name: "n",
    spec: { seed: 0, iterations: 64_000, evaluate_every: 1000 },
  } as unknown as Run;
  expect([...namesOf([short, long]).values()]).toEqual(["n, iterations 400", "n, iterations 64,000"]);
});
