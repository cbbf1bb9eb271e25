// The charts of a run's loss, speed and hardware, whose script and points are fetched once they are opened.
import { Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import type { Run } from "../../../api/types";
import type { OnView } from "../../../chart/Controls";
import type { Cursor } from "../../../chart/cursor";
import type { ChartView } from "../../../chart/view";
import { loadPart } from "../../../ui/loadPart";
import { LoadingState } from "../../../ui/States";

export type MachineProps = { run: Run; view: ChartView; onView: OnView; cursor: Cursor };

const Charts = lazy(() =>
  loadPart(() => import("./MachineCharts")).then(({ MachineCharts }) => ({ default: MachineCharts })),
);

export function Machine(props: MachineProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Text span>Loss, speed and hardware</Text>
      </summary>
      {isOpen && (
        <Suspense fallback={<LoadingState what="hardware charts" />}>
          <Charts {...props} />
        </Suspense>
      )}
    </details>
  );
}
