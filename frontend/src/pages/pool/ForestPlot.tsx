// A forest plot: each lab's mean as a square of its weight, its runs as dots, the pooled mean as a diamond.
import type { Pool } from "../../api/types";
import { ROW, type Scale, scaleOf, sideOf, WIDTH } from "./forest";

const LABELS = 150;
const INK = "var(--mantine-color-text)";
const DIM = "var(--mantine-color-dimmed)";

export function ForestPlot({ pool }: { pool: Pool }) {
  const { x, ticks } = scaleOf(pool);
  const pooled = (pool.labs.length + 0.5) * ROW;
  const bottom = pooled + (pool.prediction ? 2.5 : 1.5) * ROW;
  return (
    <svg
      viewBox={`0 0 ${LABELS + WIDTH + 10} ${bottom + 24}`}
      role="img"
      aria-label={pool.sentence}
      style={{ width: "100%", maxWidth: 760, display: "block", fontSize: 12, fill: INK }}
    >
      <g transform={`translate(${LABELS}, 0)`}>
        <line x1={x(pool.mean)} x2={x(pool.mean)} y1={0} y2={bottom} stroke={DIM} strokeDasharray="3 3" />
        {pool.labs.map((lab, row) => (
          <LabRow key={lab.name} lab={lab} y={(row + 0.5) * ROW} x={x} />
        ))}
        <Label y={pooled + ROW / 2}>pooled, 90 %</Label>
        <Diamond mean={pool.mean} interval={pool.interval} y={pooled + ROW / 2} x={x} />
        {pool.prediction && (
          <>
            <Label y={pooled + 1.5 * ROW}>another lab, 90 %</Label>
            <Whisker interval={pool.prediction} y={pooled + 1.5 * ROW} x={x} />
          </>
        )}
        <line x1={0} x2={WIDTH} y1={bottom} y2={bottom} stroke={DIM} />
        {ticks.map((tick) => (
          <text key={tick} x={x(tick)} y={bottom + 16} textAnchor="middle">
            {tick} %
          </text>
        ))}
      </g>
    </svg>
  );
}

type At = { y: number; x: Scale };

function LabRow({ lab, y, x }: At & { lab: Pool["labs"][number] }) {
  const side = sideOf(lab);
  return (
    <>
      <Label y={y}>{lab.name}</Label>
      {lab.errors.map((error, run) => (
        <circle key={run} cx={x(error)} cy={y} r={2.5} fill="none" stroke={DIM} />
      ))}
      <rect x={x(lab.mean) - side / 2} y={y - side / 2} width={side} height={side} opacity={0.75} />
    </>
  );
}

/** Names of labs are somebody else's: as text, and cut to the room there is. */
function Label({ y, children }: { y: number; children: string }) {
  const text = children.length > 22 ? `${children.slice(0, 21)}…` : children;
  return (
    <text x={-12} y={y} dy="0.35em" textAnchor="end">
      {text}
    </text>
  );
}

function Diamond({ mean, interval: [low, high], y, x }: At & { mean: number; interval: readonly number[] }) {
  if (low === undefined || high === undefined) return null;
  const points = [
    [x(low), y],
    [x(mean), y - 7],
    [x(high), y],
    [x(mean), y + 7],
  ];
  return <polygon points={points.map((point) => point.join(",")).join(" ")} />;
}

function Whisker({ interval: [low, high], y, x }: At & { interval: readonly number[] }) {
  if (low === undefined || high === undefined) return null;
  return (
    <path
      d={`M${x(low)},${y - 4}v8m0,-4H${x(high)}m0,-4v8`}
      stroke={INK}
      fill="none"
      vectorEffect="non-scaling-stroke"
    />
  );
}
