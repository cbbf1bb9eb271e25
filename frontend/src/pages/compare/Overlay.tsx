// The curves of the compared runs in one chart.
import { Anchor, Checkbox, Group, NativeSelect, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Comparison } from "../../address/comparison";
import { exportUrl } from "../../api/addresses";
import { curvesQuery } from "../../api/queries";
import type { Run } from "../../api/types";
import { Chart } from "../../chart/Chart";
import { Controls } from "../../chart/Controls";
import { Cursor } from "../../chart/cursor";
import { Legend } from "../../chart/legend/Legend";
import { queryOf } from "../../chart/query";
import { hasForm, useChartView } from "../../chart/useChartView";
import type { ChartView } from "../../chart/view";
import { namesOf } from "../../comparison/names";
import { keyOf, overlayOf } from "../../comparison/overlayFigure";
import { panelsOf, splitOf, splitsOf } from "../../comparison/panels";
import { areDetectors, asErrors, ofPrecisions, PRECISIONS } from "../../comparison/precisions";
import { networkName } from "../../paper/network";
import { tableQuery } from "../../paper/queries";
import { boldError, ERRORS } from "../../run/errorFigure";
import { isInTable, publishedOf, TABLE, useEpoch } from "../../run/references";
import { differingFields, fieldTitle } from "../../run/spec";
import { ErrorState, LoadingState } from "../../ui/States";
import { meansOf } from "./queries";

export function Overlay({ runs, first }: { runs: readonly Run[]; first: Run }) {
  const view = useChartView(useSearch({ from: "/compare" }));
  const navigate = useNavigate({ from: "/compare" });
  const change = (part: Partial<Comparison>, isQuiet = false) =>
    navigate({ search: (before) => ({ ...before, ...part }), resetScroll: false, replace: isQuiet });
  const [cursor] = useState(() => new Cursor());
  const ids = runs.map(({ id }) => id);
  const isDetection = areDetectors(runs);
  const request = queryOf(ids, isDetection ? PRECISIONS : ERRORS, view);
  const isMean = view.seeds === "mean";
  const curves = useQuery(curvesQuery(request));
  const means = useQuery({ ...curvesQuery(meansOf(request)), enabled: isMean });
  const references = useReferences(runs, view);
  const epoch = useEpoch(first);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list of references is new at every render
  const figure = useMemo(() => {
    if (!curves.data || (isMean && !means.data) || !hasForm(view)) return undefined;
    const [named, grouped] = isDetection
      ? [asErrors(curves.data), means.data && asErrors(means.data)]
      : [curves.data, means.data];
    const answers = { runs: named, groups: isMean ? grouped : undefined };
    const overlay = overlayOf(runs, answers, view, { references, epoch });
    return isDetection ? ofPrecisions(overlay) : overlay;
  }, [runs, isDetection, curves.data, means.data, isMean, view, epoch, references.length]);
  const names = namesOf(runs);
  const split = splitOf(runs, view);
  const pinnable = runs.map(({ id, name }) => ({ value: id, label: names.get(id) ?? name }));
  const failed = curves.error ?? (isMean ? means.error : null);
  return (
    <Stack gap="md">
      <Controls view={view} onView={change} runs={runs.length} hasEvents={!isMean} hasPresets={!isDetection}>
        <NativeSelect
          size="xs"
          label="Colour by"
          data={[{ value: "", label: "automatic" }, ...colorsOf(runs)]}
          value={view.color ?? ""}
          onChange={({ target }) => change({ color: target.value || undefined })}
        />
        <NativeSelect
          size="xs"
          label="Panels"
          data={[{ value: "off", label: "one" }, ...splitsOf(runs)]}
          value={split ?? "off"}
          onChange={({ target }) => change({ split: target.value })}
        />
        <NativeSelect
          size="xs"
          label="Compare with"
          data={[{ value: "", label: "–" }, ...pinnable]}
          value={view.pin ?? ""}
          onChange={({ target }) => change({ pin: target.value || undefined })}
        />
        <Checkbox
          size="xs"
          mb={6}
          label="Mean over seeds, ± one standard deviation"
          checked={isMean}
          onChange={({ target }) => change({ seeds: target.checked ? "mean" : undefined })}
        />
      </Controls>
      {failed && <ErrorState what="The curves" error={failed} retry={curves.refetch} />}
      {!figure && !failed && <LoadingState what="curves" />}
      {figure && <Chart figure={figure} view={view} onView={change} cursor={cursor} legend={Legend} />}
      <Group gap="md">
        <Anchor size="sm" href={exportUrl(ids)}>
          Download all points of these runs (CSV)
        </Anchor>
      </Group>
    </Stack>
  );
}

/** The fields to colour by: those of the paper's figures, and those in which the runs differ. */
const colorsOf = (runs: readonly Run[]) =>
  [...new Set(["depth", "shortcut", ...differingFields(runs)])].map((value) => ({
    value,
    label: fieldTitle(value),
  }));

// More reference lines in a panel would hide its curves.
const MOST_REFERENCES = 3;

/** The paper's test error of each network that is trained on CIFAR-10, where its bold curve is the test error. */
function useReferences(runs: readonly Run[], view: ChartView) {
  const published = runs.filter((run) => isInTable(run, boldError(run, view)));
  const { data } = useQuery({ ...tableQuery(TABLE), enabled: published.length > 0 });
  if (!data) return [];
  const networks = [...new Set(published.map(({ spec }) => networkName(spec)))];
  const references = networks.flatMap((network) => {
    const own = published.filter(({ spec }) => networkName(spec) === network);
    return publishedOf(
      own,
      data,
      own.map(({ id }) => keyOf(id)),
    );
  });
  const { titles, of } = panelsOf(runs, splitOf(runs, view));
  const panelOf = new Map(runs.map(({ id }) => [keyOf(id), of.get(id)]));
  const inPanels = titles.map((_, panel) =>
    references.filter(({ keys }) => keys?.some((key) => panelOf.get(key) === panel)),
  );
  return [...new Set(inPanels.filter(({ length }) => length <= MOST_REFERENCES).flat())];
}
