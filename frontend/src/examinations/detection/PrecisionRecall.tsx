// Precision against recall of each class, at IoU 0.5.
import { SimpleGrid, Text } from "@mantine/core";
import type { DetectionReport } from "../../api/client";
import { percent } from "../../units";

const [WIDTH, HEIGHT] = [160, 90];

export function PrecisionRecall({ report }: { report: DetectionReport }) {
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, md: 5 }}>
      {report.classes.map(({ class: name, ap, precision, objects }) => (
        <figure key={name} style={{ margin: 0 }}>
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            role="img"
            aria-label={`precision and recall of ${name}`}
            style={{ width: "100%", borderLeft: "1px solid", borderBottom: "1px solid" }}
          >
            <polyline
              points={pointsOf(report.recalls, precision)}
              fill="none"
              stroke="currentColor"
              strokeWidth={1.5}
            />
          </svg>
          <Text component="figcaption" size="xs" c="dimmed">
            {name}: AP {ap == null ? "–" : percent(ap)}, {objects} objects. Precision (up) against recall
            (right).
          </Text>
        </figure>
      ))}
    </SimpleGrid>
  );
}

const pointsOf = (recalls: readonly number[], precision: readonly (number | null)[]): string =>
  precision
    .flatMap((value, nth) =>
      value === null
        ? []
        : [`${(WIDTH * (recalls[nth] ?? 0)).toFixed(1)},${(HEIGHT * (1 - value / 100)).toFixed(1)}`],
    )
    .join(" ");
