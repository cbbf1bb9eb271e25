// A small picture of a figure's panels: the printed axes, empty, with the errors that the paper prints as lines.
import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { tableQuery } from "../../paper/queries";
import { TABLE } from "../../run/references";
import { levelsOf, type Panelled } from "./printedFigure";

const [WIDTH, HEIGHT] = [220, 150];
const BOX = { left: 26, top: 18, right: WIDTH - 6, bottom: HEIGHT - 26 };
const SMALL = { fontSize: 10, fill: "var(--mantine-color-dimmed)" };

export function PanelSketch({ printed }: { printed: Panelled }) {
  const table = useQuery({ ...tableQuery(TABLE), enabled: printed.dataset === "cifar10" }).data;
  const levels = levelsOf(printed, table, [], (id) => id);
  return (
    <Group
      gap="lg"
      role="img"
      aria-label={`The empty panels of figure ${printed.number}: ${printed.panels.join(", ")}`}
    >
      {printed.panels.map((title, panel) => (
        <svg key={title} width={WIDTH} height={HEIGHT} aria-hidden="true">
          <Panel
            printed={printed}
            title={title}
            levels={levels.filter((level) => level.panel === panel).map(({ value }) => value)}
          />
        </svg>
      ))}
    </Group>
  );
}

type PanelProps = { printed: Panelled; title: string; levels: readonly number[] };

function Panel({ printed: { x, y }, title, levels }: PanelProps) {
  if (!y) return null;
  const at = (value: number) => BOX.bottom - ((value - y.low) / (y.high - y.low)) * (BOX.bottom - BOX.top);
  return (
    <>
      <text x={BOX.left} y={12} fontSize={12} fill="currentColor">
        {title}
      </text>
      {[y.low, (y.low + y.high) / 2, y.high].map((value) => (
        <g key={value}>
          <line x1={BOX.left} x2={BOX.right} y1={at(value)} y2={at(value)} stroke="var(--reslab-hairline)" />
          <text x={BOX.left - 4} y={at(value) + 3} textAnchor="end" {...SMALL}>
            {value}
          </text>
        </g>
      ))}
      {levels.map((value) => (
        <line
          key={value}
          x1={BOX.left}
          x2={BOX.right}
          y1={at(value)}
          y2={at(value)}
          stroke="var(--mantine-color-dimmed)"
          strokeDasharray="6 3 1 3"
          strokeWidth={0.75}
        />
      ))}
      <path d={`M${BOX.left} ${BOX.top}V${BOX.bottom}H${BOX.right}`} fill="none" stroke="currentColor" />
      <text x={BOX.left} y={BOX.bottom + 12} {...SMALL}>
        {x.low}
      </text>
      <text x={BOX.right} y={BOX.bottom + 12} textAnchor="end" {...SMALL}>
        {x.high}
      </text>
      <text x={(BOX.left + BOX.right) / 2} y={BOX.bottom + 22} textAnchor="middle" {...SMALL}>
        {x.label}
      </text>
    </>
  );
}
