import { expect, test } from "vitest";
import { DARK, HUE_NAMES, HUES, LIGHT } from "./look";

type Three = [number, number, number];

// Linear RGB as dichromats see it: Machado, Oliveira and Fernandes (2009), severity 1.
const VISIONS: Record<string, [Three, Three, Three]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
const TO_XYZ: [Three, Three, Three] = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
];

const LEAST_DIFFERENCE = 15;
const LEAST_CONTRAST = 3;

const pairs = Array.from({ length: HUES }, (_, a) =>
  Array.from({ length: a }, (_, b) => [a, b] as const),
).flat();

test.each([
  ["light", LIGHT],
  ["dark", DARK],
])("in the %s theme the hues differ for every colour vision", (_, { lines }) => {
  for (const [vision, matrix] of Object.entries(VISIONS)) {
    const seen = lines.map((color) => labOf(times(matrix, linear(color)).map(clip) as Three));
    const differences = pairs.map(([a, b]) => ({
      pair: `${HUE_NAMES[a]}, ${HUE_NAMES[b]}`,
      difference: ciede2000(seen[a] as Three, seen[b] as Three),
    }));
    const closest = differences.toSorted((a, b) => a.difference - b.difference)[0];
    expect(closest?.difference, `${vision}: ${closest?.pair}`).toBeGreaterThan(LEAST_DIFFERENCE);
  }
});

test.each([
  ["light", LIGHT, "#fdfcf9"],
  ["dark", DARK, "#242424"],
])("in the %s theme each hue stands out from the background", (_, { lines }, back) => {
  const luminance = (color: string) => times(TO_XYZ, linear(color))[1];
  for (const color of lines) {
    const [low, high] = [luminance(color), luminance(back)].sort((a, b) => a - b) as [number, number];
    expect((high + 0.05) / (low + 0.05), color).toBeGreaterThan(LEAST_CONTRAST);
  }
});

const clip = (value: number) => Math.min(Math.max(value, 0), 1);

function linear(color: string): Three {
  const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255);
  return parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as Three;
}

const times = (matrix: [Three, Three, Three], [x, y, z]: Three): Three =>
  matrix.map(([a, b, c]) => a * x + b * y + c * z) as Three;

function labOf(rgb: Three): Three {
  const [x, y, z] = times(TO_XYZ, rgb).map((value, i) => {
    const part = value / ([0.95047, 1, 1.08883][i] as number);
    return part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116;
  }) as Three;
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Sharma, Wu and Dalal (2005). */
function ciede2000([l1, a1, b1]: Three, [l2, a2, b2]: Three): number {
  const [degrees, sin, cos] = [
    180 / Math.PI,
    (d: number) => Math.sin(d / degrees),
    (d: number) => Math.cos(d / degrees),
  ];
  const mean = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 1.5 - 0.5 * Math.sqrt(mean ** 7 / (mean ** 7 + 25 ** 7));
  const [c1, c2] = [Math.hypot(g * a1, b1), Math.hypot(g * a2, b2)];
  const [h1, h2] = [Math.atan2(b1, g * a1), Math.atan2(b2, g * a2)].map((h) => (h * degrees + 360) % 360) as [
    number,
    number,
  ];
  const turn = ((h2 - h1 + 540) % 360) - 180;
  const [dl, dc, dh] = [l2 - l1, c2 - c1, 2 * Math.sqrt(c1 * c2) * sin(turn / 2)];
  const [l, c, h] = [(l1 + l2) / 2, (c1 + c2) / 2, (h1 + h2 + (Math.abs(h1 - h2) > 180 ? 360 : 0)) / 2];
  const t = 1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.2 * cos(4 * h - 63);
  const sl = 1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2);
  const [sc, sh] = [1 + 0.045 * c, 1 + 0.015 * c * t];
  const rotation = -sin(60 * Math.exp(-(((h - 275) / 25) ** 2))) * 2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7));
  return Math.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rotation * (dc / sc) * (dh / sh));
}
