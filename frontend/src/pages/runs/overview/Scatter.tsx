// Each run as a point: any quantity against any other. A point is a link to its run.

import { Group, NativeSelect, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useRouter } from "@tanstack/react-router";
import type { Run } from "../../../api/types";
import { networkOf } from "../../../paper/network";
import { pluralize } from "../../../units";
import { axisOf } from "./axis";
import { QUANTITIES, type Quantity, quantityNamed } from "./fields";
import styles from "./plot.module.css";
import { swarm } from "./swarm";

// Pixels.
const [HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [440, 56, 48, 12, 24];
const WIDEST = 60; // of a column of runs, to each side: wider says no more
const MANY = 200; // runs; from here on points are smaller and let through what lies below

type Props = {
  runs: readonly Run[];
  x: string | undefined;
  y: string | undefined;
  change: (axes: { x?: string; y?: string }) => void;
};

export function Scatter({ runs, change, ...names }: Props) {
  const x = quantityNamed(names.x, "depth");
  const y = quantityNamed(names.y, "test_error");
  const points = runs.flatMap((run) => {
    const [at, value] = [x.of(run), y.of(run)];
    return at === null || value === null ? [] : [{ run, at, value }];
  });
  const missing = runs.length - points.length;
  return (
    <>
      <Group gap="sm" mb="sm">
        <AxisChoice label="Across" chosen={x} choose={(x) => change({ x })} />
        <AxisChoice label="Up" chosen={y} choose={(y) => change({ y })} />
      </Group>
      {points.length === 0 ? (
        <Text c="dimmed" role="status">
          None of these runs has both a {x.title} and a {y.title} yet.
        </Text>
      ) : (
        <Plot points={points} x={x} y={y} />
      )}
      {missing > 0 && points.length > 0 && (
        <Text size="xs" c="dimmed">
          {pluralize(points.length, "run")}; {missing} without one of the two values.
        </Text>
      )}
    </>
  );
}

function AxisChoice({
  label,
  chosen,
  choose,
}: {
  label: string;
  chosen: Quantity;
  choose: (name: string) => void;
}) {
  return (
    <NativeSelect
      size="xs"
      label={label}
      data={QUANTITIES.map(({ name, title }) => ({ value: name, label: title }))}
      value={chosen.name}
      onChange={({ target }) => choose(target.value)}
    />
  );
}

type Point = { run: Run; at: number; value: number };

function Plot({ points, x, y }: { points: readonly Point[]; x: Quantity; y: Quantity }) {
  const router = useRouter();
  const { ref, width } = useElementSize<HTMLElement>();
  const room = Math.max(width, 280);
  const across = axisOf(points.map(({ at }) => at));
  const up = axisOf(points.map(({ value }) => value));
  const inset = Math.min(WIDEST, room / 10); // the outermost columns stay within the axes
  const toX = (value: number) => LEFT + inset + across.at(value) * (room - LEFT - RIGHT - 2 * inset);
  const toY = (value: number) => HEIGHT - BOTTOM - up.at(value) * (HEIGHT - BOTTOM - TOP);
  const isMany = points.length >= MANY;
  const radius = isMany ? 3 : 5;
  const offsets = swarm(
    points.map(({ at, value }) => ({ x: toX(at), y: toY(value) })),
    { diameter: 2 * radius + 1, widest: inset - radius },
  );
  return (
    <figure
      ref={ref}
      className={styles.plot}
      aria-label={`${y.title} against ${x.title}, ${pluralize(points.length, "run")}`}
    >
      <svg width={room} height={HEIGHT}>
        <title>{`${y.title} against ${x.title}`}</title>
        {up.ticks.map((tick) => (
          <g key={tick}>
            <line className={styles.grid} x1={LEFT} x2={room - RIGHT} y1={toY(tick)} y2={toY(tick)} />
            <text className={styles.tick} x={LEFT - 8} y={toY(tick) + 4} textAnchor="end">
              {numberText(tick)}
            </text>
          </g>
        ))}
        {across.ticks.map((tick) => (
          <text key={tick} className={styles.tick} x={toX(tick)} y={HEIGHT - BOTTOM + 18} textAnchor="middle">
            {numberText(tick)}
          </text>
        ))}
        <text className={styles.title} x={(LEFT + room - RIGHT) / 2} y={HEIGHT - 6} textAnchor="middle">
          {x.title}
        </text>
        <text
          className={styles.title}
          transform={`translate(12 ${(HEIGHT - BOTTOM) / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          {y.title}
        </text>
        {points.map(({ run, at, value }, nth) => (
          <a
            key={run.id}
            href={`/runs/${run.id}`}
            aria-label={`${run.name}, seed ${run.spec.seed}: ${x.title} ${numberText(at)}, ${y.title} ${numberText(value)}`}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              router.navigate({ to: "/runs/$runId", params: { runId: run.id } });
            }}
          >
            <circle
              className={styles.point}
              data-plain={networkOf(run.spec).shortcut === "none" || undefined}
              data-many={isMany || undefined}
              cx={toX(at) + (offsets[nth] ?? 0)}
              cy={toY(value)}
              r={radius}
            >
              <title>{`${run.name}, seed ${run.spec.seed}: ${numberText(value)}`}</title>
            </circle>
          </a>
        ))}
      </svg>
    </figure>
  );
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });
const numberText = (value: number): string =>
  Math.abs(value) >= 1000 ? compact.format(value) : String(Number(value.toPrecision(4)));
