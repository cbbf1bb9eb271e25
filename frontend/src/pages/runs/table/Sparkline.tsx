// The shape of a run's training error; the numbers are in other columns.
import { useQuery } from "@tanstack/react-query";
import type { Run } from "../../../api/types";
import { sparklineQuery } from "./sparklines";
import styles from "./table.module.css";

const [WIDTH, HEIGHT] = [104, 26];

export function Sparkline({ run }: { run: Run }) {
  const { data } = useQuery(sparklineQuery(run));
  if (!data || data.x.length < 2) return null;
  const most = Math.max(...data.y, 1e-9);
  const points = data.x.map((x, i) => {
    const y = (data.y[i] ?? 0) / most;
    return `${(x * (WIDTH - 2) + 1).toFixed(1)},${((1 - y) * (HEIGHT - 3) + 1.5).toFixed(1)}`;
  });
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true" style={{ display: "block" }}>
      <polyline
        points={points.join(" ")}
        fill="none"
        className={styles.spark}
        data-status={run.status}
        strokeLinejoin="round"
      />
    </svg>
  );
}
