// Gives out colours and dashes within the set of curves that a chart shows, so that no two of them look the same.
import { DASHES, HUES, type Stroke } from "./look";

/** A curve of the set: `value` is what it is coloured by, a depth or the run itself; `panel` counts from 0. */
export type Member = { key: string; panel: number; value: string };

type Giving = {
  /** In the paper's presets a dash means training, so all curves are solid and differ only in their hue. */
  isDashTraining: boolean;
  /** The hues that the reader picked, by key. */
  chosen?: ReadonlyMap<string, number>;
};

// Our choice: a depth has one colour everywhere. Meant to resemble Fig. 4 and Fig. 6; their colours were not measured.
const PREFERRED: Record<string, number> = {
  "18": 5,
  "20": 3,
  "32": 5,
  "34": 1,
  "44": 2,
  "50": 2,
  "56": 1,
  "101": 4,
  "110": 7,
  "152": 7,
  "1202": 0,
};

/**
 * A stroke for each key. Curves of one value share it across panels; inside a panel, each further curve of that value has
 * a stroke of its own. Unique for as many curves as there are strokes: 8 hues in the presets, 32 elsewhere.
 */
export function strokesOf(members: readonly Member[], giving: Giving): Map<string, Stroke> {
  const slots = slotsOf(members);
  const given = new Map<string, Stroke>();
  const free = (stroke: Stroke | undefined) =>
    stroke && ![...given.values()].some((other) => isSame(other, stroke));
  const give = (slot: string, candidates: readonly Stroke[]) => {
    const stroke = candidates.find(free) ?? candidates[given.size % candidates.length] ?? { hue: 0, dash: 0 };
    if (!given.has(slot)) given.set(slot, stroke);
  };
  for (const { key } of members) {
    const hue = giving.chosen?.get(key);
    const slot = slots.get(key);
    if (hue !== undefined && slot) give(slot.name, [...dashesOf(hue, giving), ...anyStroke(giving)]);
  }
  const values = [...new Set(members.map(({ value }) => value))];
  for (const { name, value, nth } of slots.values()) {
    const first = given.get(nameOf(value, 0));
    const own =
      nth === 0 ? preferredOf(value) : first && !giving.isDashTraining ? dashesOf(first.hue, giving) : [];
    give(name, [...own, ...unreserved(values, giving), ...anyStroke(giving)]);
  }
  return new Map(
    members.map(({ key }) => [key, given.get(slots.get(key)?.name ?? "") ?? { hue: 0, dash: 0 }]),
  );
}

type Slot = { name: string; value: string; nth: number };

/** A slot for each curve: its value, and how many curves of that value stand before it in its panel. */
function slotsOf(members: readonly Member[]): Map<string, Slot> {
  const counts = new Map<string, number>();
  return new Map(
    members.map(({ key, panel, value }) => {
      const nth = counts.get(`${panel} ${value}`) ?? 0;
      counts.set(`${panel} ${value}`, nth + 1);
      return [key, { name: nameOf(value, nth), value, nth }];
    }),
  );
}

const nameOf = (value: string, nth: number): string => `${value} ${nth}`;

const isSame = (a: Stroke, b: Stroke): boolean => a.hue === b.hue && a.dash === b.dash;

const preferredOf = (value: string): Stroke[] => {
  const hue = PREFERRED[value];
  return hue === undefined ? [] : [{ hue, dash: 0 }];
};

const dashesOf = (hue: number, { isDashTraining }: Giving): Stroke[] =>
  isDashTraining ? [{ hue, dash: 0 }] : DASHES.map((_, dash) => ({ hue, dash }));

/** Solid strokes that no value of the set prefers. */
function unreserved(values: readonly string[], giving: Giving): Stroke[] {
  const reserved = new Set(values.map((value) => PREFERRED[value]));
  return anyStroke(giving).filter(({ hue, dash }) => dash === 0 && !reserved.has(hue));
}

/** All strokes, solid ones first. */
const anyStroke = ({ isDashTraining }: Giving): Stroke[] =>
  (isDashTraining ? [[]] : DASHES).flatMap((_, dash) =>
    Array.from({ length: HUES }, (_, hue) => ({ hue, dash })),
  );
