// What a first look at a page may cost: the build fails where a page would make the browser load more script.
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Gzipped, in total, whichever page is opened first. A browser may load 250 kB; its server packs them 1.1 % worse. */
export const MOST_BYTES = 247_000;

/** A chunk of the build: its code, what it needs at once, and what it asks for later. */
export type Chunk = Pick<
  import("vite").Rolldown.OutputChunk,
  "name" | "code" | "isEntry" | "imports" | "dynamicImports"
>;

export type Cost = { page: string; bytes: number };

/**
 * What each page costs as the first one, dearest first. A page is what the shell fetches for a route. What a page
 * fetches at a click (the form of a fork, the maker of a PDF) does not count, and what it shows at once must therefore
 * be imported and not fetched: `make bench-ui` measures the same in a browser.
 */
export function costs(chunks: Record<string, Chunk>): Cost[] {
  const sizes = new Map<string, number>();
  const size = (file: string) => {
    const known = sizes.get(file) ?? gzipSync(chunks[file]?.code ?? "").length;
    sizes.set(file, known);
    return known;
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
    .sort((one, other) => other.bytes - one.bytes);
}

function reached(start: string[], next: (file: string) => string[]): Set<string> {
  const seen = new Set(start);
  // A set that grows while it is walked is walked to its new end.
  for (const file of seen) for (const other of next(file)) seen.add(other);
  return seen;
}

export function budget(): Plugin {
  return {
    name: "budget",
    apply: "build",
    generateBundle(_, bundle) {
      const chunks = Object.fromEntries(
        Object.entries(bundle).flatMap(([file, output]) => (output.type === "chunk" ? [[file, output]] : [])),
      );
      const [dearest] = costs(chunks);
      if (!dearest) return;
      const said = `${dearest.page}, the dearest page, loads ${dearest.bytes} bytes of script at first`;
      if (dearest.bytes > MOST_BYTES) this.error(`${said}, over ${MOST_BYTES}`);
      this.info(said);
    },
  };
}
