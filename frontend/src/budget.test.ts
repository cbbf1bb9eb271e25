import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Chunk, costs } from "../budget";

// Noise doesn't compress: gzipped it is about as long as before.
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

test("a page costs the shell, itself and its imports, but not what a click fetches", () => {
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

test("a chunk that two pages share counts once for each", () => {
  const chunks = {
    "index.js": shell,
    "library.js": library,
    "run.js": chunk("run", { imports: ["table.js"] }),
    "table.js": chunk("table"),
    "runs.js": chunk("runs", { imports: ["table.js", "library.js"] }),
  };
  const [first, second] = costs(chunks);
  expect((first?.bytes ?? 0) / (second?.bytes ?? 1)).toBeCloseTo(1, 1);
});

test("the fonts have at most 60 kB together", () => {
  const folder = join(import.meta.dirname, "fonts");
  const sizes = readdirSync(folder)
    .filter((file) => file.endsWith(".woff2"))
    .map((file) => statSync(join(folder, file)).size);
  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60_000);
});
