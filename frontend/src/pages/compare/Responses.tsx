// The layer responses of the compared runs in one plot, as in Fig. 7, and the runs that have none yet.
import { Button, Group, Loader, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { createExamination } from "../../api/examinations";
import type { Examination, ResponsesReport, Run } from "../../api/types";
import { colorOf, dashOf } from "../../chart/look";
import { useLook } from "../../chart/useLook";
import { namesOf } from "../../comparison/names";
import { looksOf } from "../../comparison/overlayFigure";
import { examinationQuery } from "../../examinations/queries";
import { ResponsePlot, type Stdev } from "../../examinations/ResponsePlot";
import { forEach } from "../../run/forEach";
import { QueryView } from "../../ui/QueryView";
import { ErrorState } from "../../ui/States";
import { pluralize } from "../../units";
import { CopyTable } from "./CopyTable";
import { type MeasurementState, measurementsOf, stateOf, strokesOf } from "./measurements";
import { measuredQuery } from "./queries";

type Props = { runs: readonly Run[] };

export function Responses({ runs }: Props) {
  const query = useQuery(measuredQuery(runs.map(({ id }) => id)));
  return (
    <Stack gap="md">
      <Title order={2}>Layer responses (Fig. 7)</Title>
      <QueryView query={query} what="layer responses">
        {({ items }) => {
          const measurements = measurementsOf(items);
          const runsIn = (state: MeasurementState) =>
            runs.filter((run) => stateOf(run, measurements.get(run.id)) === state);
          return (
            <>
              <ResponsePlots runs={runsIn("measured")} measurements={measurements} />
              <OpenMeasurements runs={runs} runsIn={runsIn} />
            </>
          );
        }}
      </QueryView>
    </Stack>
  );
}

type OpenProps = Props & { runsIn: (state: MeasurementState) => readonly Run[] };

/** The runs without a measurement, and the button that starts the measurements that are possible. */
function OpenMeasurements({ runs, runsIn }: OpenProps) {
  const queries = useQueryClient();
  const names = namesOf(runs);
  const [missing, running, impossible] = [
    runsIn("to be measured"),
    runsIn("under way"),
    runsIn("no weights"),
  ];
  const measure = useMutation({
    mutationFn: () => forEach(missing, ({ id }) => createExamination(id, { kind: "responses" })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["examinations"] }),
  });
  const listed = (part: readonly Run[]) => part.map(({ id }) => names.get(id)).join("; ");
  return (
    <>
      {running.length > 0 && (
        <Group gap="sm" role="status" wrap="nowrap">
          <Loader size="xs" />
          <Text size="sm" c="dimmed">
            Measuring {listed(running)} …
          </Text>
        </Group>
      )}
      {missing.length > 0 && (
        <Group gap="sm">
          <Button size="xs" variant="default" loading={measure.isPending} onClick={() => measure.mutate()}>
            Measure {pluralize(missing.length, "run")}
          </Button>
          <Text size="sm" c="dimmed">
            Not measured yet: {listed(missing)}.
          </Text>
        </Group>
      )}
      {impossible.length > 0 && (
        <Text size="sm" c="dimmed">
          A measurement needs the weights of a run that has succeeded. Not possible for: {listed(impossible)}.
        </Text>
      )}
      {measure.error && <ErrorState what="The measurement" error={measure.error} />}
    </>
  );
}

type PlotsProps = Props & { measurements: ReadonlyMap<string, Examination> };

function ResponsePlots({ runs, measurements }: PlotsProps) {
  const view = useSearch({ from: "/compare" });
  const names = namesOf(runs);
  const strokes = strokesOf(runs, looksOf(runs, view));
  const answers = useQueries({
    queries: runs.map(({ id }) => examinationQuery(measurements.get(id)?.id ?? "")),
  });
  const failed = answers.find(({ error }) => error);
  const measured = runs.flatMap(({ id }, nth) => {
    // Its kind says its type: these examinations are all responses.
    const report = answers[nth]?.data?.result as ResponsesReport | null | undefined;
    return report ? [{ name: names.get(id) ?? id, ...(strokes.get(id) ?? { hue: 0, dash: 0 }), report }] : [];
  });
  const elsewhere = measured.filter(({ report }) => report.is_the_data_trained_on === false);
  if (failed?.error) return <ErrorState what="The responses" error={failed.error} retry={failed.refetch} />;
  if (measured.length === 0) return null;
  const inOrder = measured.map(({ report, ...line }) => ({
    ...line,
    values: report.layers.map(({ std }) => std),
  }));
  const ranked = measured.map(({ report, ...line }) => ({ ...line, values: report.descending }));
  return (
    <>
      <Legend lines={inOrder} />
      <ResponsePlot title="In network order" lines={inOrder} height={240} />
      <ResponsePlot title="Ranked" lines={ranked} height={240} />
      {elsewhere.length > 0 && (
        <Text size="sm" c="var(--reslab-departure)">
          ▲ Measured on a different copy of the data set than the network was trained on:{" "}
          {elsewhere.map(({ name }) => name).join("; ")}.
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {measured[0]?.report.measured}
      </Text>
      <ResponsesTable lines={inOrder} />
    </>
  );
}

function Legend({ lines }: { lines: readonly Stdev[] }) {
  const look = useLook();
  return (
    <Group component="ul" gap="md" m={0} p={0} aria-label="networks" style={{ listStyle: "none" }}>
      {lines.map(({ name, hue, dash, values }) => (
        <Group component="li" key={name} gap={6} wrap="nowrap">
          <svg width="28" height="8" aria-hidden="true" style={{ flexShrink: 0 }}>
            <line
              x2="28"
              y1="4"
              y2="4"
              stroke={colorOf({ hue }, look)}
              strokeWidth="2"
              strokeDasharray={dashOf({ dash }).join(" ")}
            />
          </svg>
          <Text size="sm">
            {name}, {values.length} layers
          </Text>
        </Group>
      ))}
    </Group>
  );
}

/** The rows are numbers of layers, because networks of different depths name their layers differently. */
function ResponsesTable({ lines }: { lines: readonly Stdev[] }) {
  const layers = Math.max(...lines.map(({ values }) => values.length), 0);
  const numbers = Array.from({ length: layers }, (_, index) => index);
  const cellsOf = (layer: number) => lines.map(({ values }) => values[layer]?.toPrecision(4) ?? "–");
  const head = ["layer", ...lines.map(({ name }) => name)];
  return (
    <details>
      <summary>
        <Text span size="sm">
          Show as a table
        </Text>
      </summary>
      <Group my="xs">
        <CopyTable
          label="layer responses"
          table={{ head, rows: numbers.map((layer) => [layer + 1, ...cellsOf(layer)]) }}
        />
      </Group>
      <Table.ScrollContainer minWidth={120 * lines.length} mah={400} type="native" tabIndex={0}>
        <Table aria-label="layer responses" verticalSpacing={2} fz="xs" w="auto">
          <Table.Thead>
            <Table.Tr>
              {head.map((title) => (
                <Table.Th key={title} ta="right">
                  {title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody style={{ fontVariantNumeric: "tabular-nums" }}>
            {numbers.map((layer) => (
              <Table.Tr key={layer}>
                <Table.Th ta="right" fw={400}>
                  {layer + 1}
                </Table.Th>
                {cellsOf(layer).map((text, column) => (
                  <Table.Td key={lines[column]?.name} ta="right">
                    {text}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </details>
  );
}
