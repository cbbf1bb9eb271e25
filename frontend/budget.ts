// The most script that a page may load when it is opened first: the build fails where a page loads more.
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Gzipped, in total, whichever page comes first. A browser may load 250 kB: a short page also shows its first lazy parts. */
export const MOST_BYTES = 243_000;

/** A chunk of the build: its code, the chunks it imports, and those that it fetches later. */
export type Chunk = Pick<
  import("vite").Rolldown.OutputChunk,
  "name" | "code" | "isEntry" | "imports" | "dynamicImports"
>;

export type Cost = { page: string; bytes: number };

/**
 * What each page costs when it is opened first, the largest first. A page is what the shell fetches for a route. What a
 * page fetches at a click (the fork dialog, the PDF library) doesn't count, so whatever it shows at once must be
 * imported and not fetched: `make bench-ui` measures the same in a browser.
 */
export function costs(chunks: Record<string, Chunk>): Cost[] {
  const sizes = new Map<string, number>();
  const size = (file: string) => {
    const bytes = sizes.get(file) ?? gzipSync(chunks[file]?.code ?? "").length;
    sizes.set(file, bytes);
    return bytes;
  };
  const entries = Object.keys(chunks).filter((file) => chunks[file]?.isEntry);
  const needs = (file: string) => chunks[file]?.imports ?? [];
  const shell = reached(entries, needs);
  const pages = new Set([...shell].flatMap((file) => chunks[file]?.dynamicImports ?? []));
  return [...pages]
    .map((page) => {
      const files = reached([page], needs);
      const bytes = [...new Set([...shell, ...files])].reduce((sum, file) => sum + size(file), 0);
      return { page: chunks[page]?.name ?? page, bytes };
    })
    .sort((a, b) => b.bytes - a.bytes);
}

function reached(start: string[], next: (file: string) => string[]): Set<string> {
  const files = new Set(start);
  // A loop over a set also visits what is added to the set on the way.
  for (const file of files) for (const other of next(file)) files.add(other);
  return files;
}

export function budget(): Plugin {
  return {
    name: "budget",
    apply: "build",
    generateBundle(_, bundle) {
      const chunks = Object.fromEntries(
        Object.entries(bundle).flatMap(([file, output]) => (output.type === "chunk" ? [[file, output]] : [])),
      );
      const [largest] = costs(chunks);
      if (!largest) return;
      const sentence = `${largest.page} loads the most script of all pages: ${largest.bytes} bytes`;
      if (largest.bytes > MOST_BYTES) this.error(`${sentence}; at most ${MOST_BYTES} are allowed`);
      this.info(sentence);
    },
  };
}
