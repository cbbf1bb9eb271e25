// One figure of the paper: its panels, with what is known of each curve, and any of your runs laid into them.
import { Button, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { curvesQuery } from "../../api/queries";
import { listRuns } from "../../api/runs";
import type { PaperFigure, Run } from "../../api/types";
import { Chart } from "../../chart/Chart";
import { Cursor } from "../../chart/cursor";
import { Legend } from "../../chart/legend/Legend";
import { queryOf } from "../../chart/query";
import type { View } from "../../chart/view";
import { keyOf, overlayOf } from "../../comparison/overlayFigure";
import { networkName, networkNamed } from "../../paper/network";
import { figuresQuery, tableQuery } from "../../paper/queries";
import { ERRORS } from "../../run/errorFigure";
import { TABLE } from "../../run/references";
import { QueryView } from "../../ui/QueryView";
import { EmptyState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { formatCount, percent } from "../../units";
import { FigureHead } from "./FigureHead";
import {
  closestOf,
  emptyFigure,
  inOrder,
  isPanelled,
  laidInto,
  levelsOf,
  type Panelled,
  panelsIn,
} from "./printedFigure";
import { RecipeLinks } from "./RecipeLinks";

export function FigurePage() {
  const { number } = useParams({ from: "/paper/figures/$number" });
  return (
    <QueryView query={useQuery(figuresQuery)} what="figure">
      {({ items }) => {
        const figure = items.find((other) => other.number === number);
        if (!figure)
          return (
            <EmptyState title="This figure isn't among the paper's figures of curves">
              <TextLink to="/paper/figures">Show all figures</TextLink>
            </EmptyState>
          );
        return <Frame figure={figure}>{isPanelled(figure) && <Panels printed={figure} />}</Frame>;
      }}
    </QueryView>
  );
}

function Frame({ figure, children }: { figure: PaperFigure; children: React.ReactNode }) {
  return (
    <Stack gap="md">
      <FigureHead figure={figure} />
      {children}
      <Group gap="xs">
        <Text size="sm" fw={500}>
          To draw this figure again:
        </Text>
        <RecipeLinks names={figure.recipes} />
      </Group>
    </Stack>
  );
}

function Panels({ printed }: { printed: Panelled }) {
  const search = useSearch({ from: "/paper/figures/$number" });
  const navigate = useNavigate({ from: "/paper/figures/$number" });
  const change = (part: Partial<View & { run: string[] | undefined }>, isQuiet = false) =>
    navigate({ search: (before) => ({ ...before, ...part }), resetScroll: false, replace: isQuiet });
  const [cursor] = useState(() => new Cursor());
  const view = useMemo(
    () => ({ ...search, preset: printed.preset ?? undefined, printed }),
    [search, printed],
  );
  const ours = useOurs(printed);
  const runs = inOrder(
    printed,
    ours.filter(({ id }) => search.run?.includes(id)),
  );
  const curves = useQuery({
    ...curvesQuery(
      queryOf(
        runs.map(({ id }) => id),
        ERRORS,
        view,
      ),
    ),
    enabled: runs.length > 0,
  });
  const table = useQuery({ ...tableQuery(TABLE), enabled: printed.dataset === "cifar10" }).data;
  const references = levelsOf(printed, table, runs, keyOf);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the lists are new at every render
  const figure = useMemo(() => {
    if (runs.length === 0 || !curves.data) return emptyFigure(printed, references);
    const around = { references, epoch: undefined, panels: panelsIn(printed, runs) };
    return laidInto(
      printed,
      overlayOf(runs, { runs: curves.data, groups: undefined }, view, around),
      runs,
      keyOf,
    );
  }, [printed, references.length, search.run, runs.length, curves.data, view]);
  const closest = closestOf(printed, ours);
  return (
    <>
      <Group gap="sm">
        {runs.length === 0 ? (
          <Button
            size="xs"
            disabled={closest.length === 0}
            onClick={() => change({ run: closest.map(({ id }) => id) })}
          >
            Lay my runs into the panels
          </Button>
        ) : (
          <Button size="xs" variant="default" onClick={() => change({ run: undefined })}>
            Empty the panels
          </Button>
        )}
        <Text size="sm" c="dimmed">
          {closest.length === 0
            ? "You have no runs of these networks yet. The recipes below train them."
            : "The paper prints no number of these curves, only the errors at their ends, which are drawn as lines."}
        </Text>
      </Group>
      <Chart figure={figure} view={view} onView={change} cursor={cursor} legend={Legend} />
      <Networks printed={printed} ours={ours} laid={search.run ?? []} onRuns={(run) => change({ run })} />
    </>
  );
}

/** Runs of the figure's networks, the newest first. */
function useOurs(printed: Panelled): readonly Run[] {
  const networks = printed.panel_networks.flat();
  const depth = [...new Set(networks.flatMap((network) => networkNamed(network)?.depth ?? []))];
  const { data } = useQuery({
    queryKey: ["runs", "of a figure", printed.number],
    queryFn: () => listRuns({ depth, limit: 200 }),
  });
  return useMemo(
    () =>
      data?.items.filter(
        ({ spec, iteration }) => iteration > 0 && printed.panel_networks.flat().includes(networkName(spec)),
      ) ?? [],
    [data, printed],
  );
}

// Of each network: more would not fit into its row.
const MOST_RUNS = 4;

type NetworksProps = {
  printed: Panelled;
  ours: readonly Run[];
  laid: readonly string[];
  onRuns: (run: string[] | undefined) => void;
};

/** What the paper prints of each curve, beside your runs of its network. */
function Networks({ printed, ours, laid, onRuns }: NetworksProps) {
  const table = useQuery({ ...tableQuery(TABLE), enabled: printed.dataset === "cifar10" }).data;
  const theirs = (network: string) =>
    table?.values.find((value) => value.network === network && value.metric === "test error")?.printed;
  const toggle = (id: string) =>
    onRuns(laid.includes(id) ? laid.filter((other) => other !== id) : [...laid, id]);
  return (
    <Table.ScrollContainer minWidth={300} type="native">
      <Table aria-label={`networks of figure ${printed.number}`} w="auto" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Panel</Table.Th>
            <Table.Th>Network</Table.Th>
            <Table.Th ta="right">
              {printed.dataset === "cifar10" ? "Paper's test error (%)" : "Paper"}
            </Table.Th>
            <Table.Th>Your runs</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {printed.panel_networks.flatMap((networks, panel) =>
            networks.map((network, nth) => (
              <Table.Tr key={`${panel} ${network}`}>
                <Table.Th fw={500}>{nth === 0 ? printed.panels[panel] : ""}</Table.Th>
                <Table.Td style={{ whiteSpace: "nowrap" }}>{network}</Table.Td>
                <Table.Td ta="right">{theirs(network) ?? "–"}</Table.Td>
                <Table.Td>
                  <Group gap={6}>
                    {ours
                      .filter(({ spec }) => networkName(spec) === network)
                      .slice(0, MOST_RUNS)
                      .map((run) => (
                        <Button
                          key={run.id}
                          size="compact-xs"
                          variant={laid.includes(run.id) ? "light" : "default"}
                          aria-pressed={laid.includes(run.id)}
                          onClick={() => toggle(run.id)}
                        >
                          {summaryOf(run)}
                        </Button>
                      ))}
                    {!ours.some(({ spec }) => networkName(spec) === network) && (
                      <StartLink network={network} />
                    )}
                  </Group>
                </Table.Td>
              </Table.Tr>
            )),
          )}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** "cifar10-jpeg75 · 3,200 iterations · 34.21 %" */
const summaryOf = ({ spec, iterations, last, main_error }: Run): string =>
  [
    spec.dataset,
    `${formatCount(iterations)} iterations`,
    ...(last[main_error] === null ? [] : [percent(last[main_error])]),
  ].join(" · ");

function StartLink({ network }: { network: string }) {
  const spec = networkNamed(network);
  if (!spec) return null;
  return (
    <TextLink size="xs" to="/new" search={{ depth: spec.depth, shortcut: spec.shortcut }}>
      Train it
    </TextLink>
  );
}
