// What a legend lists: the curves by panel, and what thin, dashed and bold lines mean.
import type { Figure, Line } from "../figure";

/** A curve that is hidden, lifted and coloured as a whole; `last` is the last value of its bold line. */
export type Entry = { key: string; name: string; line: Line; last: number | undefined };

type Group = { title: string; entries: Entry[] };

/** The entries of each panel that has some. */
export function entriesOf({ lines, panels = [""] }: Figure): Group[] {
  const groups = panels.map((title, panel) => {
    const inside = lines.filter((line) => (line.panel ?? 0) === panel && line.weight !== "faint");
    const keys = [...new Set(inside.map(({ key }) => key))];
    return {
      title,
      entries: keys.flatMap((key) => {
        const own = inside.filter((line) => line.key === key);
        const line = own.find(({ weight }) => weight === "bold") ?? own[0];
        return line ? [{ key, name: line.legend, line, last: line.last?.value }] : [];
      }),
    };
  });
  return groups.filter(({ entries }) => entries.length > 0);
}

/** Lines of one weight: what they show, and the key that hides them all. */
export type Kind = Pick<Line, "key" | "name" | "hue" | "dash" | "weight">;

/** What the weights mean where a curve has two lines: "training" is thin or dashed, "test" is bold. */
export function kindsOf({ lines }: Figure): Kind[] {
  const paired = lines.filter((line) =>
    lines.some(({ key, weight }) => key === line.key && weight !== line.weight && weight !== "faint"),
  );
  const kinds = new Map<string, Kind>();
  for (const { name, weight, dash, key } of paired) {
    if (weight === "faint") continue;
    const bold = paired.find((line) => line.key === key && line.weight === "bold");
    const kind = name.split(", ").at(-1) ?? name;
    if (!kinds.has(kind))
      kinds.set(kind, {
        key: `all-${weight}`,
        name: kind,
        hue: 0,
        weight,
        dash: dash === bold?.dash ? 0 : 1,
      });
  }
  return [...kinds.values()];
}

/** Hides a shown curve, or shows a hidden one. */
export function afterClick(hide: readonly string[], key: string): string[] | undefined {
  return listed(hide.includes(key) ? hide.filter((other) => other !== key) : [...hide, key]);
}

/** Shows a curve alone; all of them where it was alone already. */
export function afterDoubleClick(
  hide: readonly string[],
  key: string,
  keys: readonly string[],
): string[] | undefined {
  const others = keys.filter((other) => other !== key);
  const isAlone = others.every((other) => hide.includes(other)) && !hide.includes(key);
  return isAlone ? undefined : listed(others);
}

const listed = (keys: string[]): string[] | undefined => (keys.length > 0 ? keys : undefined);
