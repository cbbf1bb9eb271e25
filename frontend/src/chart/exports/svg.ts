// Writes a figure as SVG for a paper: real text, real lines, and none of the page's styles.

import { isLogX, isLogY, rangeOf } from "../canvas/range";
import { label } from "../drops";
import { type Figure, type Line, quantityOf, type Values } from "../figure";
import { colorOf, dashOf, LIGHT } from "../look";
import { round } from "../ticks";
import { type ChartView, labelOf, tick } from "../view";

const [WIDTH, HEIGHT] = [640, 400];
const BOX = { left: 56, top: 12, right: WIDTH - 12, bottom: HEIGHT - 44 };
const STROKES = { bold: 2.5, thin: 0.9, faint: 0.5 };

type Scale = { to: (value: number) => number; ticks: number[] };

/** On white in both themes, because it is for print. */
export function svgOf(figure: Figure, view: ChartView): string {
  const x = scale(figure.x, [BOX.left, BOX.right], isLogX(view));
  const y = scale(rangeOf(figure, view), [BOX.bottom, BOX.top], isLogY(view));
  const clip = `<clipPath id="box"><rect x="${BOX.left}" y="${BOX.top}" width="${BOX.right - BOX.left}" height="${BOX.bottom - BOX.top}"/></clipPath>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="Helvetica, Arial, sans-serif" font-size="11" fill="#222">`,
    `<title>${escapeXml(figure.label)}</title><defs>${clip}</defs><rect width="100%" height="100%" fill="#fff"/>`,
    ...x.ticks.map((at) => text(x.to(at), BOX.bottom + 15, tick(at, view), "middle")),
    ...y.ticks.map((at) => `${rule(BOX.left, y.to(at), BOX.right, y.to(at), "#ddd")}`),
    ...y.ticks.map((at) => text(BOX.left - 6, y.to(at) + 4, String(Number(at.toPrecision(6))), "end")),
    text((BOX.left + BOX.right) / 2, HEIGHT - 10, labelOf(view), "middle"),
    `<g transform="translate(14 ${(BOX.top + BOX.bottom) / 2}) rotate(-90)">${text(0, 0, quantityOf(figure), "middle")}</g>`,
    `<g clip-path="url(#box)" fill="none" stroke-linejoin="round">`,
    ...figure.lines.flatMap((line) => shapesOf(line, x, y)),
    ...figure.references.map(({ value }) =>
      rule(BOX.left, y.to(value), BOX.right, y.to(value), "#222", "8 3 2 3"),
    ),
    ...figure.drops.map((drop) => rule(x.to(drop.x), BOX.top, x.to(drop.x), BOX.bottom, "#222", "4 3")),
    "</g>",
    ...figure.references.map(({ name, value }) => text(BOX.right - 4, y.to(value) - 4, name, "end")),
    ...figure.drops
      .filter((drop) => x.to(drop.x) < BOX.right - 40 && x.to(drop.x) > BOX.left)
      .map((drop) => text(x.to(drop.x) + 4, BOX.top + 12, label(drop), "start")),
    ...legend(figure.lines),
    `<path d="M${BOX.left} ${BOX.top}V${BOX.bottom}H${BOX.right}" fill="none" stroke="#222"/>`,
    "</svg>",
  ].join("\n");
}

function shapesOf(line: Line, x: Scale, y: Scale): string[] {
  const color = colorOf(line, LIGHT);
  const path = (values: Values, style: string) =>
    `<polyline points="${pairsOf(line, values, x, y).join(" ")}" stroke="${color}" ${style}/>`;
  const dash = dashOf(line).join(" ");
  const opacity = line.weight === "faint" ? 0.4 : 1;
  const shade = line.shade && [
    ...pairsOf(line, line.shade.high, x, y),
    ...pairsOf(line, line.shade.low, x, y).reverse(),
  ];
  return [
    ...(shade ? [`<polygon points="${shade.join(" ")}" fill="${color}" fill-opacity="0.15"/>`] : []),
    ...(line.raw ? [path(line.raw, 'stroke-width="0.7" stroke-opacity="0.3"')] : []),
    path(
      line.points.value,
      `stroke-width="${STROKES[line.weight]}" stroke-dasharray="${dash}" stroke-opacity="${opacity}"`,
    ),
  ];
}

function pairsOf({ points }: Line, values: Values, x: Scale, y: Scale): string[] {
  const pairs: string[] = [];
  for (const [index, at] of points.at.entries()) {
    const value = values[index];
    if (value == null || !Number.isFinite(value)) continue;
    pairs.push(`${x.to(at).toFixed(1)},${y.to(value).toFixed(1)}`);
  }
  return pairs;
}

function legend(lines: readonly Line[]): string[] {
  return lines
    .filter(({ weight }) => weight !== "faint")
    .flatMap((line, row) => {
      const y = BOX.top + 30 + 15 * row;
      return [
        `<line x1="${BOX.right - 150}" y1="${y - 4}" x2="${BOX.right - 124}" y2="${y - 4}" stroke="${colorOf(line, LIGHT)}" stroke-width="${STROKES[line.weight]}" stroke-dasharray="${dashOf(line).join(" ")}"/>`,
        text(BOX.right - 118, y, line.name, "start"),
      ];
    });
}

function scale([low, high]: readonly [number, number], [from, to]: [number, number], isLog: boolean): Scale {
  if (!isLog) {
    return { to: (value) => from + ((value - low) / (high - low)) * (to - from), ticks: round(low, high) };
  }
  const [a, b] = [Math.log10(Math.max(low, 1e-9)), Math.log10(Math.max(high, 1e-8))];
  const decades = Array.from(
    { length: Math.floor(b) - Math.ceil(a) + 1 },
    (_, i) => 10 ** (Math.ceil(a) + i),
  );
  return {
    to: (value) => from + ((Math.log10(Math.max(value, 1e-9)) - a) / (b - a)) * (to - from),
    ticks: decades,
  };
}

const rule = (x0: number, y0: number, x1: number, y1: number, color: string, dash = ""): string =>
  `<line x1="${x0}" y1="${y0}" x2="${x1}" y2="${y1}" stroke="${color}" stroke-width="0.8" stroke-dasharray="${dash}"/>`;

const text = (x: number, y: number, content: string, anchor: string): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${escapeXml(content)}</text>`;

const escapeXml = (content: string): string =>
  content.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
