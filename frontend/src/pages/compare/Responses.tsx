// The layer responses of the compared runs over each other, as in Fig. 7, and of which runs none are measured.
import { Button, Group, Loader, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { createExamination, type Examination, type ResponsesReport, type Run } from "../../api/client";
import { colorOf, dashOf } from "../../chart/look";
import { useLook } from "../../chart/useLook";
import { examinationQuery } from "../../examinations/queries";
import { ResponsePlot, type Stdev } from "../../examinations/ResponsePlot";
import { forEach } from "../../run/forEach";
import { QueryView } from "../../ui/QueryView";
import { Failed } from "../../ui/States";
import { counted } from "../../units";
import { CopyTable } from "./CopyTable";
import { drawnAs, measurementsOf, type Standing, standingOf } from "./measurements";
import { namesOf } from "./names";
import { stylesOf } from "./overlayFigure";
import { measuredQuery } from "./queries";

type Props = { runs: readonly Run[] };

export function Responses({ runs }: Props) {
  const query = useQuery(measuredQuery(runs.map(({ id }) => id)));
  return (
    <Stack gap="md">
      <Title order={2}>Layer responses (Fig. 7)</Title>
      <QueryView query={query} what="layer responses">
        {({ items }) => {
          const found = measurementsOf(items);
          const of = (standing: Standing) =>
            runs.filter((run) => standingOf(run, found.get(run.id)) === standing);
          return (
            <>
              <Measured runs={of("measured")} found={found} />
              <Missing runs={runs} of={of} />
            </>
          );
        }}
      </QueryView>
    </Stack>
  );
}

type MissingProps = Props & { of: (standing: Standing) => readonly Run[] };

function Missing({ runs, of }: MissingProps) {
  const queries = useQueryClient();
  const names = namesOf(runs);
  const [wanted, underWay, without] = [of("to be measured"), of("under way"), of("no weights")];
  const asking = useMutation({
    mutationFn: () => forEach(wanted, ({ id }) => createExamination(id, { kind: "responses" })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["examinations"] }),
  });
  const listed = (some: readonly Run[]) => some.map(({ id }) => names.get(id)).join("; ");
  return (
    <>
      {underWay.length > 0 && (
        <Group gap="sm" role="status" wrap="nowrap">
          <Loader size="xs" />
          <Text size="sm" c="dimmed">
            Being measured: {listed(underWay)}.
          </Text>
        </Group>
      )}
      {wanted.length > 0 && (
        <Group gap="sm">
          <Button size="xs" variant="default" loading={asking.isPending} onClick={() => asking.mutate()}>
            Measure {wanted.length === 1 ? "it" : `all ${counted(wanted.length)}`}
          </Button>
          <Text size="sm" c="dimmed">
            Not measured yet: {listed(wanted)}.
          </Text>
        </Group>
      )}
      {without.length > 0 && (
        <Text size="sm" c="dimmed">
          Only weights of runs that have succeeded are measured, so not: {listed(without)}.
        </Text>
      )}
      {asking.error && <Failed what="The measurement" error={asking.error} />}
    </>
  );
}

type MeasuredProps = Props & { found: ReadonlyMap<string, Examination> };

function Measured({ runs, found }: MeasuredProps) {
  const view = useSearch({ from: "/compare" });
  const names = namesOf(runs);
  const styles = drawnAs(runs, stylesOf(runs, view));
  const asked = useQueries({ queries: runs.map(({ id }) => examinationQuery(found.get(id)?.id ?? "")) });
  const failed = asked.find(({ error }) => error);
  const measured = runs.flatMap(({ id }, nth) => {
    // As typed by its kind: only responses were asked for.
    const report = asked[nth]?.data?.result as ResponsesReport | null | undefined;
    return report ? [{ name: names.get(id) ?? id, ...(styles.get(id) ?? { hue: 0, dash: 0 }), report }] : [];
  });
  const elsewhere = measured.filter(({ report }) => !report.is_the_data_trained_on);
  if (failed?.error) return <Failed what="The responses" error={failed.error} retry={failed.refetch} />;
  if (measured.length === 0) return null;
  const inOrder = measured.map(({ report, ...line }) => ({
    ...line,
    values: report.layers.map(({ std }) => std),
  }));
  const ranked = measured.map(({ report, ...line }) => ({ ...line, values: report.descending }));
  return (
    <>
      <Legend lines={inOrder} />
      <ResponsePlot title="In the order of the network" lines={inOrder} height={240} />
      <ResponsePlot title="Ranked" lines={ranked} height={240} />
      {elsewhere.length > 0 && (
        <Text size="sm" c="var(--reslab-departure)">
          ▲ Measured on another copy of the data than the network was trained on:{" "}
          {elsewhere.map(({ name }) => name).join("; ")}.
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {measured[0]?.report.measured}
      </Text>
      <AsTable lines={inOrder} />
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

/** A layer is known by its number: networks of different depths call theirs by different names. */
function AsTable({ lines }: { lines: readonly Stdev[] }) {
  const layers = Math.max(...lines.map(({ values }) => values.length), 0);
  const numbers = Array.from({ length: layers }, (_, index) => index);
  const cellsOf = (layer: number) => lines.map(({ values }) => values[layer]?.toPrecision(4) ?? "–");
  const head = ["layer", ...lines.map(({ name }) => name)];
  return (
    <details>
      <summary>
        <Text span size="sm">
          As a table
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
