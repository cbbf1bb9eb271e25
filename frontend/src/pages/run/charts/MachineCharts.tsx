// The charts of a run's loss, speed and hardware.
import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { curvesQuery } from "../../../api/queries";
import { Chart } from "../../../chart/Chart";
import { queryOf } from "../../../chart/query";
import { QueryView } from "../../../ui/QueryView";
import type { MachineProps } from "./Machine";
import { MACHINE, machineFigures } from "./machineFigures";

export function MachineCharts({ run, view, onView, cursor }: MachineProps) {
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
