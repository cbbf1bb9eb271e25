import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { type Chunk, costs } from "../budget";

// Noise does not compress: gzipped it is as long as it was, and a little more.
const chunk = (name: string, parts: Partial<Chunk> = {}): Chunk => ({
  name,
  code: randomBytes(3000).toString("latin1"),
  isEntry: false,
  imports: [],
  dynamicImports: [],
  ...parts,
});

const shell = chunk("index", {
  isEntry: true,
  imports: ["library.js"],
  dynamicImports: ["run.js", "runs.js"],
});
const library = chunk("library");

test("a page costs the shell, itself and what it imports, and not what a click fetches", () => {
  const chunks = {
    "index.js": shell,
    "library.js": library,
    "run.js": chunk("run", { imports: ["index.js", "chart.js"], dynamicImports: ["fork.js"] }),
    "chart.js": chunk("chart", { imports: ["library.js"] }),
    "fork.js": chunk("fork"),
    "runs.js": chunk("runs"),
  };
  const [run, runs] = costs(chunks);
  expect([run?.page, runs?.page]).toEqual(["run", "runs"]);
  expect((run?.bytes ?? 0) / (runs?.bytes ?? 1)).toBeCloseTo(4 / 3, 1);
});

test("a part that two pages share is of neither twice", () => {
  const chunks = {
    "index.js": shell,
    "library.js": library,
    "run.js": chunk("run", { imports: ["table.js"] }),
    "table.js": chunk("table"),
    "runs.js": chunk("runs", { imports: ["table.js", "library.js"] }),
  };
  const [one, other] = costs(chunks);
  expect((one?.bytes ?? 0) / (other?.bytes ?? 1)).toBeCloseTo(1, 1);
});
