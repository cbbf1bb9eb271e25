// One of the two plots of Fig. 7: standard deviations of the layers' outputs, one line per network.
import { Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { colorOf, dashOf } from "../chart/look";
import { useLook } from "../chart/useLook";
import { plotted } from "./plotLayout";

const HEIGHT = 180;
// With more layers the dots would touch.
const MOST_DOTTED = 60;

export type Stdev = { name: string; values: readonly number[]; hue: number; dash: number };

export function ResponsePlot({
  title,
  lines,
  height = HEIGHT,
}: {
  title: string;
  lines: readonly Stdev[];
  height?: number;
}) {
  const { ref, width } = useElementSize();
  const look = useLook();
  const layers = Math.max(...lines.map(({ values }) => values.length), 1);
  const most = Math.max(...lines.flatMap(({ values }) => values), 0);
  const { points, ticks, numbers, left, bottom } = plotted({ layers, most }, { width, height });
  return (
    <figure ref={ref} style={{ margin: 0, overflow: "hidden" }}>
      <Text component="figcaption" size="xs" fw={600}>
        {title}
      </Text>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={`${title}: ${lines.length > 1 ? lines.map(describeNamed).join("; ") : lines.map(describe)}`}
        style={{ display: "block", fontSize: 11 }}
      >
        {ticks.map(({ y, text }) => (
          <g key={text} fill={look.text}>
            <line x1={left} x2={width} y1={y} y2={y} stroke={look.grid} />
            <text x={left - 6} y={y + 4} textAnchor="end">
              {text}
            </text>
          </g>
        ))}
        {numbers.map(({ x, text }) => (
          <text key={text} x={x} y={bottom + 15} textAnchor="middle" fill={look.text}>
            {text}
          </text>
        ))}
        {lines.map(({ name, values, hue, dash }) => {
          const color = colorOf({ hue }, look);
          return (
            <g key={name}>
              <polyline
                points={points(values).join(" ")}
                fill="none"
                stroke={color}
                strokeWidth="1.5"
                strokeDasharray={dashOf({ dash }).join(" ")}
              />
              {layers <= MOST_DOTTED &&
                points(values).map((point) => {
                  const [x, y] = point.split(",");
                  return <circle key={point} cx={x} cy={y} r="2.5" fill={color} />;
                })}
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

const describe = ({ values }: Stdev): string => {
  const [first = 0, last = 0] = [values[0], values.at(-1)];
  return `${values.length} layers, ${first.toFixed(2)} in the first, ${last.toFixed(2)} in the last, maximum ${Math.max(...values).toFixed(2)}`;
};
const describeNamed = (line: Stdev): string => `${line.name}, ${describe(line)}`;
