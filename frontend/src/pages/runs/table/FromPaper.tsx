// The distance of a run's test error from the paper's, in points.
import { useQuery } from "@tanstack/react-query";
import type { Run } from "../../../api/types";
import { tableQuery } from "../../../paper/queries";
import { distanceOf } from "../../../run/fromPaper";
import { TABLE } from "../../../run/references";
import { signed } from "../../../units";
import styles from "./table.module.css";

/** Nothing where the paper has no number for what the run measured. A triangle marks another protocol. */
export function FromPaper({ run }: { run: Run }) {
  const { data } = useQuery({ ...tableQuery(TABLE), enabled: run.spec.dataset === "cifar10" });
  const distance = data && distanceOf(run, data);
  if (!distance) return null;
  const { points, theirs, network, departs } = distance;
  const title = `The paper's ${network}: ${theirs.toFixed(2)} % (Table ${TABLE})`;
  return departs ? (
    <span
      className={styles.departs}
      title={`${title}. ${run.origin ? "Imported: its protocol departs from the paper's, or nobody said it." : "This run departs from the paper's protocol."}`}
    >
      ▲ {signed(points)}
    </span>
  ) : (
    <span title={title}>{signed(points)}</span>
  );
}
