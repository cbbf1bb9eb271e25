// The network as the paper draws it (Fig. 3): layers from top to bottom, a shortcut around each block.
import { Text } from "@mantine/core";
import { type Arc, BOX, type Box, countsByKind, type Layer, layoutOf } from "./drawingLayout";

const LINE = "var(--mantine-color-dimmed)";
const TEXT = { fontSize: 11, fontFamily: "var(--mantine-font-family)", fill: "var(--mantine-color-text)" };
const FILLS: Record<Box["kind"], string> = {
  convolution: "var(--mantine-color-default-hover)",
  other: "transparent",
  more: "none",
};
// Room around the drawing.
const MARGIN = 4;

export function Drawing({ layers }: { layers: readonly Layer[] }) {
  const { width, height, boxes, arcs, heads } = layoutOf(layers);
  const counts = countsByKind(layers.flatMap(({ shortcuts }) => shortcuts)) || "no";
  return (
    <figure style={{ margin: 0 }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section style={{ overflowX: "auto" }} tabIndex={0} aria-label="drawing of the network">
        <svg
          width={width + 2 * MARGIN}
          height={height + MARGIN}
          viewBox={`${-MARGIN} 0 ${width + 2 * MARGIN} ${height + MARGIN}`}
          // A narrow page shows it whole, down to letters that can still be read.
          style={{ maxWidth: "100%", minWidth: 0.7 * width, height: "auto" }}
          role="img"
          aria-label={`${layers.length - 2} stages of blocks, ${counts} shortcuts; the table below describes the same network`}
        >
          {heads.map(({ x, name, map }) => (
            <g key={name} style={TEXT}>
              <text x={x} y={14} fontWeight={600}>
                {name}
              </text>
              <text x={x} y={30} style={{ fill: LINE }}>
                {map}
              </text>
            </g>
          ))}
          {boxes.map((box) => (
            <LayerBox key={`${box.x} ${box.y}`} {...box} />
          ))}
          {arcs.map((arc) => (
            <ShortcutArc key={`${arc.x} ${arc.from}`} {...arc} />
          ))}
        </svg>
      </section>
      {arcs.length > 0 && (
        <Text component="figcaption" size="xs" c="dimmed">
          Solid lines are identity shortcuts. Dashed lines change the dimensions, by zero padding or by a
          projection (sec. 3.3, Fig. 3).
        </Text>
      )}
    </figure>
  );
}

function LayerBox({ x, y, text, kind }: Box) {
  const middle = x + BOX.width / 2;
  return (
    <g>
      <line x1={middle} x2={middle} y1={y - 9} y2={y} style={{ stroke: LINE }} />
      <rect
        x={x}
        y={y}
        rx={3}
        width={BOX.width}
        height={BOX.height}
        style={{ fill: FILLS[kind], stroke: kind === "more" ? "none" : LINE }}
      />
      <text x={middle} y={y + 14} textAnchor="middle" style={TEXT}>
        {text}
      </text>
    </g>
  );
}

const WORDS: Record<Arc["kind"], string> = { identity: "", padding: "pad", projection: "1×1" };

function ShortcutArc({ x, from, to, kind }: Arc) {
  const middle = x - BOX.width / 2;
  const out = x + 22;
  return (
    <g>
      <path
        d={`M ${middle} ${from} H ${x + 8} Q ${out} ${from} ${out} ${from + 14} V ${to - 14} Q ${out} ${to} ${x + 8} ${to} H ${middle}`}
        fill="none"
        strokeDasharray={kind === "identity" ? undefined : "4 3"}
        style={{ stroke: "var(--mantine-color-anchor)" }}
      />
      <text x={out + 4} y={(from + to) / 2 + 4} style={{ ...TEXT, fill: LINE }}>
        {WORDS[kind]}
      </text>
    </g>
  );
}
