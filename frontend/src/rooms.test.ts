// The rooms of the dashboard: a page imports no page, rooms do not import each other both ways, none is overfull.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const SOURCE = import.meta.dirname;
const MOST_FILES = 25;

const files = readdirSync(SOURCE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(SOURCE.length + 1));

/** "chart/canvas/plot.ts" → "chart"; "pages/run/Files.tsx" → "pages/run"; "" for a file at the top. */
const roomOf = (file: string): string => {
  const [first = "", second = ""] = file.split("/").slice(0, -1);
  return first === "pages" ? `pages/${second}` : first;
};

const arrows = files
  .filter((file) => /\.tsx?$/.test(file) && !file.includes(".test."))
  .flatMap((file) =>
    [...readFileSync(join(SOURCE, file), "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(
      ([, path = ""]) => ({
        file,
        from: roomOf(file),
        to: roomOf(normalize(join(dirname(file), path))),
      }),
    ),
  )
  .filter(({ from, to }) => from !== to);

test("only the routes import a page", () => {
  const importers = arrows.filter(({ to }) => to.startsWith("pages/")).map(({ file }) => file);
  expect([...new Set(importers)]).toEqual(["routes.tsx"]);
});

test("rooms do not import each other in a circle", () => {
  const circles = arrows.filter(({ from, to }) => from !== "" && to !== "" && reaches(to, from));
  expect(circles).toEqual([]);
});

test("no two files are one where a system ignores case", () => {
  const names = [...new Set(files.map((file) => file.replace(/(\.\w+)+$/, "")))];
  const same = (name: string) => names.filter((other) => other.toLowerCase() === name.toLowerCase());
  expect(names.filter((name) => same(name).length > 1)).toEqual([]);
});

test("no folder has more files than one can read at a glance", () => {
  const sizeOf = (folder: string) => files.filter((file) => dirname(file) === folder).length;
  const folders = [...new Set(files.map((file) => dirname(file)))];
  expect(folders.filter((folder) => sizeOf(folder) > MOST_FILES)).toEqual([]);
});

function reaches(start: string, end: string): boolean {
  const rooms = new Set([start]);
  // A loop over a set also visits what is added to the set on the way.
  for (const room of rooms) for (const { from, to } of arrows) if (from === room && to !== "") rooms.add(to);
  return rooms.has(end);
}
