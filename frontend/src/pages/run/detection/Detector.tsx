// What a detector's run has come to: mAP and losses as curves, and the average precision of each class.
import { Anchor, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { csvUrl } from "../../../api/addresses";
import { curvesQuery } from "../../../api/queries";
import type { Run } from "../../../api/types";
import { Chart } from "../../../chart/Chart";
import { Controls, type OnView } from "../../../chart/Controls";
import { Cursor } from "../../../chart/cursor";
import { queryOf } from "../../../chart/query";
import { useChartView } from "../../../chart/useChartView";
import { isOpen } from "../../../run/progress";
import { QueryView } from "../../../ui/QueryView";
import { formatCount } from "../../../units";
import { Machine } from "../charts/Machine";
import { ClassTable } from "./ClassTable";
import { detectorFigures, MAIN, MORE, SERIES } from "./figures";

export function Detector({ run }: { run: Run }) {
  const view = useChartView(useSearch({ from: "/runs/$runId" }));
  const navigate = useNavigate({ from: "/runs/$runId" });
  const onView: OnView = (change, isQuiet = false) =>
    navigate({ search: (before) => ({ ...before, ...change }), resetScroll: false, replace: isQuiet });
  const [cursor] = useState(() => new Cursor());
  const query = useQuery(curvesQuery(queryOf([run.id], SERIES, view, run)));
  if (run.iteration === 0)
    return (
      <Text c="dimmed" role="status">
        {isOpen(run) ? "The curves appear here with the first iterations." : "This run has no points."}
      </Text>
    );
  const shared = { view, onView, cursor };
  return (
    <QueryView query={query} what="curves">
      {({ step, runs }) => {
        const curves = { step, series: runs[0]?.series ?? {} };
        const figures = (kinds: typeof MAIN) =>
          detectorFigures(run, kinds, curves, view).map((figure) =>
            figure.lines.length > 0 ? (
              <Chart key={figure.label} figure={figure} {...shared} />
            ) : (
              <Text key={figure.label} size="sm" c="dimmed">
                {figure.label}: the first evaluation comes at iteration{" "}
                {formatCount(Math.min(run.spec.evaluate_every ?? run.iterations, run.iterations))}.
              </Text>
            ),
          );
        return (
          <Stack gap="md">
            <Controls view={view} onView={onView} hasEvents={false} hasPresets={false} />
            <SimpleGrid cols={{ base: 1, md: 2 }}>{figures(MAIN)}</SimpleGrid>
            <ClassTable id={run.id} iteration={run.iteration} />
            <SimpleGrid cols={{ base: 1, md: 2 }}>{figures(MORE)}</SimpleGrid>
            <Group gap="md">
              <Anchor size="sm" href={csvUrl(run.id)}>
                Download all points (CSV)
              </Anchor>
            </Group>
            <Machine run={run} {...shared} />
          </Stack>
        );
      }}
    </QueryView>
  );
}
