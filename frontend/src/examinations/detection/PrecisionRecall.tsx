// Precision against recall of each class, at IoU 0.5.
import { Box, Text } from "@mantine/core";
import type { DetectionReport } from "../../api/types";
import { percent, pluralize } from "../../units";

const [WIDTH, HEIGHT] = [160, 100];
const [LEFT, BOTTOM, TOP] = [24, 22, 6];
const TICKS = [0, 50, 100];

export function PrecisionRecall({ report }: { report: DetectionReport }) {
  return (
    <Box display="grid" style={{ gridTemplateColumns: "repeat(auto-fill, minmax(260px, 1fr))", gap: 16 }}>
      {report.classes.map(({ class: name, ap, precision, objects }) => (
        <figure key={name} style={{ margin: 0 }}>
          <Text component="figcaption" size="sm">
            {name}: AP {ap == null ? "–" : percent(ap)}, {pluralize(objects, "object")}
          </Text>
          <svg
            viewBox={`0 0 ${LEFT + WIDTH + 6} ${TOP + HEIGHT + BOTTOM}`}
            role="img"
            aria-label={`precision and recall of ${name}`}
            style={{ width: "100%", maxWidth: 320, fontSize: 7, fill: "currentColor" }}
          >
            {TICKS.map((tick) => (
              <g key={tick} stroke="none">
                <line
                  x1={LEFT}
                  x2={LEFT + WIDTH}
                  y1={heightOf(tick)}
                  y2={heightOf(tick)}
                  stroke="currentColor"
                  strokeOpacity={tick === 0 ? 1 : 0.2}
                  strokeWidth={0.5}
                />
                <text x={LEFT - 3} y={heightOf(tick) + 2.5} textAnchor="end">
                  {tick}
                </text>
                <text x={LEFT + (WIDTH * tick) / 100} y={TOP + HEIGHT + 9} textAnchor="middle">
                  {tick}
                </text>
              </g>
            ))}
            <text x={LEFT + WIDTH / 2} y={TOP + HEIGHT + 18} textAnchor="middle">
              recall (%)
            </text>
            <text transform={`translate(6 ${TOP + HEIGHT / 2}) rotate(-90)`} textAnchor="middle">
              precision (%)
            </text>
            <polyline
              points={pointsOf(report.recalls, precision)}
              fill="none"
              stroke="var(--mantine-primary-color-filled)"
              strokeWidth={1.5}
            />
          </svg>
        </figure>
      ))}
    </Box>
  );
}

const heightOf = (precision: number): number => TOP + HEIGHT * (1 - precision / 100);

const pointsOf = (recalls: readonly number[], precision: readonly (number | null)[]): string =>
  precision
    .flatMap((value, nth) =>
      value === null
        ? []
        : [`${(LEFT + WIDTH * (recalls[nth] ?? 0)).toFixed(1)},${heightOf(value).toFixed(1)}`],
    )
    .join(" ");
