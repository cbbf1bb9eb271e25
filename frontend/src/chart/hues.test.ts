import { expect, test } from "vitest";
import { type Member, strokesOf } from "./hues";

const member = (key: string, value: string, panel = 0): Member => ({ key, value, panel });
const preset = { isDashTraining: true };
const free = { isDashTraining: false };

test("two curves of one depth have the depth's hue in both panels, and it is the printed one", () => {
  const strokes = strokesOf(
    [member("a", "20"), member("b", "56"), member("c", "20", 1), member("d", "56", 1)],
    preset,
  );
  expect(strokes.get("a")).toEqual(strokes.get("c"));
  expect(strokes.get("b")).toEqual(strokes.get("d"));
  expect([strokes.get("a")?.hue, strokes.get("b")?.hue]).toEqual([3, 1]);
});

test("in one panel a second curve of a depth differs in its dash, and in a preset in its hue", () => {
  const curves = [member("a", "20"), member("b", "20"), member("c", "56")];
  expect([...strokesOf(curves, free).values()]).toEqual([
    { hue: 3, dash: 0 },
    { hue: 3, dash: 1 },
    { hue: 1, dash: 0 },
  ]);
  const strokes = [...strokesOf(curves, preset).values()];
  expect(strokes.map(({ dash }) => dash)).toEqual([0, 0, 0]);
  expect(new Set(strokes.map(({ hue }) => hue)).size).toBe(3);
});

test("a picked hue is the curve's, and the curve that had it gets another", () => {
  const curves = [member("a", "a"), member("b", "b")];
  expect(strokesOf(curves, preset).get("a")?.hue).toBe(0);
  const strokes = strokesOf(curves, { ...preset, chosen: new Map([["b", 0]]) });
  expect(strokes.get("b")?.hue).toBe(0);
  expect(strokes.get("a")?.hue).not.toBe(0);
});

test("a run that is added changes no other run's colour", () => {
  const curves = "abcdefgh".split("").map((key) => member(key, key));
  for (let count = 1; count < curves.length; count++) {
    const earlier = strokesOf(curves.slice(0, count), preset);
    const later = strokesOf(curves.slice(0, count + 1), preset);
    for (const [key, stroke] of earlier) expect(later.get(key)).toEqual(stroke);
  }
});

test("no two of 10,000 random sets of up to 8 curves look the same in a panel", () => {
  const random = generator(7);
  const among = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T;
  const alike: unknown[] = [];
  for (let set = 0; set < 10_000; set++) {
    const [panels, values, isDashTraining] = [among([1, 1, 2, 3, 4]), among(VALUES), random() < 0.5];
    const members = Array.from({ length: 1 + Math.floor(random() * 8) }, (_, i) =>
      member(`k${i}`, among(values), Math.floor(random() * panels)),
    );
    const picked = members
      .filter(() => random() < 0.2)
      .map(({ key }) => [key, Math.floor(random() * 8)] as const);
    const strokes = strokesOf(members, { isDashTraining, chosen: new Map(picked) });
    const looks = members.map(
      ({ key, panel }) => `${panel} ${strokes.get(key)?.hue} ${strokes.get(key)?.dash}`,
    );
    const hasDash = isDashTraining && [...strokes.values()].some(({ dash }) => dash > 0);
    if (new Set(looks).size < looks.length || hasDash) alike.push({ members, picked, isDashTraining });
  }
  expect(alike).toEqual([]);
});

const VALUES = [
  ["20"],
  ["20", "56"],
  ["18", "34", "32"],
  ["20", "32", "44", "56", "110", "1202"],
  [..."abcdefgh"],
];

/** mulberry32: the same numbers on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
