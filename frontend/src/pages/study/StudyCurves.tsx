// The study's curves. The address holds the view.
import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { curvesQuery } from "../../api/queries";
import type { Study } from "../../api/types";
import { Controls, type OnView } from "../../chart/Controls";
import { Cursor } from "../../chart/cursor";
import { Legend } from "../../chart/legend/Legend";
import { queryOf } from "../../chart/query";
import { hasForm, useChartView } from "../../chart/useChartView";
import { asErrors, ofPrecisions, PRECISIONS } from "../../comparison/precisions";
import { loadPart } from "../../ui/loadPart";
import { ErrorState, LoadingState } from "../../ui/States";
import { figureOf, SERIES } from "./studyFigure";

const Chart = lazy(() =>
  loadPart(() => import("../../chart/Chart")).then(({ Chart }) => ({ default: Chart })),
);
// The API's limit for one request.
const RUNS = 100;

export function StudyCurves({ study }: { study: Study }) {
  const view = useChartView(useSearch({ from: "/studies/$studyId" }));
  const navigate = useNavigate({ from: "/studies/$studyId" });
  const onView: OnView = (change, isQuiet = false) =>
    navigate({ search: (before) => ({ ...before, ...change }), resetScroll: false, replace: isQuiet });
  const [cursor] = useState(() => new Cursor());
  const runs = study.members.map(({ run }) => run).filter((run) => run !== null);
  const isDetection = study.kind === "detect";
  const request = {
    ...queryOf(runs.slice(0, RUNS), isDetection ? PRECISIONS : SERIES, view),
    group_by: "spec",
  };
  const query = useQuery({ ...curvesQuery(request), enabled: runs.length > 0 });
  const figure = useMemo(() => {
    if (!query.data || !hasForm(view)) return undefined;
    if (study.kind !== "detect") return figureOf(query.data, study, view);
    return ofPrecisions(figureOf(asErrors(query.data), study, view));
  }, [query.data, study, view]);
  if (runs.length === 0)
    return <Text c="dimmed">All runs of this study have been deleted, and their curves with them.</Text>;
  if (query.isError && !figure)
    return <ErrorState what="The curves" error={query.error} retry={query.refetch} />;
  if (!figure) return <LoadingState what="curves" />;
  return (
    <Suspense fallback={<LoadingState what="chart" />}>
      <Stack gap="md">
        <Controls view={view} onView={onView} hasEvents={false} hasPresets={!isDetection} />
        <Chart figure={figure} view={view} onView={onView} cursor={cursor} legend={Legend} />
        {runs.length > RUNS && (
          <Text size="sm" c="dimmed">
            Showing the first {RUNS} of {runs.length} runs. The SVG figure below shows all of them.
          </Text>
        )}
      </Stack>
    </Suspense>
  );
}
