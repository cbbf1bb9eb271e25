// A run's charts, or what comes instead of them before it has points.
import { Anchor, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { csvUrl } from "../../../api/addresses";
import { curvesQuery } from "../../../api/queries";
import type { Run } from "../../../api/types";
import { Chart } from "../../../chart/Chart";
import { Controls, type OnView } from "../../../chart/Controls";
import { Cursor } from "../../../chart/cursor";
import { queryOf } from "../../../chart/query";
import { hasForm, useChartView } from "../../../chart/useChartView";
import { boldError, ERRORS, figureOf } from "../../../run/errorFigure";
import { isOpen } from "../../../run/progress";
import { useEpoch, useMoments, usePublished } from "../../../run/references";
import { ErrorState, LoadingState } from "../../../ui/States";
import { Machine } from "./Machine";

export function Curves({ run }: { run: Run }) {
  const view = useChartView(useSearch({ from: "/runs/$runId" }));
  const navigate = useNavigate({ from: "/runs/$runId" });
  const onView: OnView = (change, isQuiet = false) =>
    navigate({ search: (before) => ({ ...before, ...change }), resetScroll: false, replace: isQuiet });
  const [cursor] = useState(() => new Cursor());
  const query = useQuery(curvesQuery(queryOf([run.id], ERRORS, view, run)));
  const references = usePublished(run, boldError(run, view));
  const epoch = useEpoch(run);
  const answer = query.data?.runs[0];
  const moments = useMoments(run, answer?.attempts ?? [], view.marks === true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: moments and references are new lists at every render
  const figure = useMemo(() => {
    if (!query.data || !answer || !hasForm(view)) return undefined;
    const curves = { step: query.data.step, series: answer.series };
    return figureOf(run, curves, view, { moments, references }, epoch);
  }, [run, query.data, view, epoch, moments.length, references.length]);

  if (run.iteration === 0 && isOpen(run))
    return <ChartPlaceholder>The curves appear here with the first iterations.</ChartPlaceholder>;
  if (query.isError && !figure)
    return <ErrorState what="The curves" error={query.error} retry={query.refetch} />;
  if (!figure) return <LoadingState what="curves" />;
  if (run.iteration === 0) return <ChartPlaceholder>This run has no points.</ChartPlaceholder>;
  const shared = { view, onView, cursor };
  return (
    <Stack gap="md">
      <Controls view={view} onView={onView} />
      <Chart figure={figure} {...shared} />
      <Group gap="md">
        <Anchor size="sm" href={csvUrl(run.id)}>
          Download all points (CSV)
        </Anchor>
      </Group>
      <Machine run={run} {...shared} />
    </Stack>
  );
}

function ChartPlaceholder({ children }: { children: string }) {
  return (
    <Text c="dimmed" role="status" py="lg">
      {children}
    </Text>
  );
}
