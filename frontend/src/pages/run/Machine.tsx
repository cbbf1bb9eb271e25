// The charts of a run's loss, speed and hardware, which are fetched and drawn once they are opened.
import { SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Run } from "../../api/client";
import { curvesQuery } from "../../api/queries";
import { Chart } from "../../chart/Chart";
import type { OnView } from "../../chart/Controls";
import type { Cursor } from "../../chart/cursor";
import { queryOf } from "../../chart/query";
import type { ChartView } from "../../chart/view";
import { QueryView } from "../../ui/QueryView";
import { MACHINE, machineFigures } from "./machineFigures";

type Props = { run: Run; view: ChartView; onView: OnView; cursor: Cursor };

export function Machine(props: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Text span>Loss, speed and hardware</Text>
      </summary>
      {isOpen && <Charts {...props} />}
    </details>
  );
}

function Charts({ run, view, onView, cursor }: Props) {
  const query = useQuery(curvesQuery(queryOf([run.id], MACHINE, view, run)));
  return (
    <QueryView query={query} what="hardware charts">
      {({ step, runs }) => (
        <SimpleGrid cols={{ base: 1, md: 2 }} mt="sm">
          {machineFigures(run, { step, series: runs[0]?.series ?? {} }, view).map((figure) => (
            <Chart key={figure.label} figure={figure} view={view} onView={onView} cursor={cursor} />
          ))}
        </SimpleGrid>
      )}
    </QueryView>
  );
}
