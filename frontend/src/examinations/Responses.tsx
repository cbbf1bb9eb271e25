// The layer responses of Fig. 7: how strongly each 3×3 layer answers, in the network's order and ranked.
import { Button, Group, Stack, Table, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import type { Examination, ResponsesReport, Run } from "../api/client";
import { colorOf, hueOf, type Look } from "../chart/look";
import { useLook } from "../chart/useLook";
import { Failed } from "../shell/States";
import { OtherData } from "./OtherData";
import { plotted } from "./plotted";
import { useAsking } from "./queries";
import { Standing } from "./Standing";

type Props = { run: Run; examinations: readonly Examination[] };

export function Responses({ run, examinations }: Props) {
  const asking = useAsking(run.id);
  const ask = () => asking.mutate({ kind: "responses" });
  const newest = examinations.find(({ kind }) => kind === "responses");
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        The standard deviation of what each 3×3 layer answers to the test images. The paper finds the answers
        of residual networks weaker than those of plain ones, and weaker still the deeper they are (sec. 4.2,
        Fig. 7).
      </Text>
      {!newest && (
        <Group>
          <Button size="xs" loading={asking.isPending} onClick={ask}>
            Measure
          </Button>
          <Text size="sm" c="dimmed">
            Not measured yet.
          </Text>
        </Group>
      )}
      {asking.error && <Failed what="The measurement" error={asking.error} />}
      {newest && (
        <Standing<ResponsesReport> examination={newest} what="layer responses" again={ask}>
          {(report) => <Measured run={run} report={report} />}
        </Standing>
      )}
    </Stack>
  );
}

function Measured({ run, report }: { run: Run; report: ResponsesReport }) {
  const look = useLook();
  const inOrder = report.layers.map(({ std }) => std);
  const shared = { look, hue: hueOf(run.id), most: report.descending[0] ?? 0 };
  return (
    <>
      <OtherData report={report} />
      <Stds title="In the order of the network" values={inOrder} {...shared} />
      <Stds title="Ranked" values={report.descending} {...shared} />
      <Text size="xs" c="dimmed">
        {report.measured}
      </Text>
      <details>
        <summary>
          <Text span size="sm">
            As a table
          </Text>
        </summary>
        <Table aria-label="layer responses" verticalSpacing={2} fz="xs" w="auto">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Layer</Table.Th>
              <Table.Th ta="right">Std</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody style={{ fontVariantNumeric: "tabular-nums" }}>
            {report.layers.map(({ layer, std }) => (
              <Table.Tr key={layer}>
                <Table.Th fw={400}>{layer}</Table.Th>
                <Table.Td ta="right">{std.toPrecision(4)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </details>
    </>
  );
}

const HEIGHT = 180;

type StdsProps = { title: string; values: readonly number[]; most: number; hue: number; look: Look };

function Stds({ title, values, most, hue, look }: StdsProps) {
  const { ref, width } = useElementSize();
  const { points, ticks, numbers, left, bottom } = plotted(values, most, { width, height: HEIGHT });
  const color = colorOf({ hue }, look);
  const [first = 0, last = 0] = [values[0], values.at(-1)];
  const said = `${title}: ${values.length} layers, ${first.toFixed(2)} in the first, ${last.toFixed(2)} in the last, ${most.toFixed(2)} at most`;
  return (
    <figure ref={ref} style={{ margin: 0, overflow: "hidden" }}>
      <Text component="figcaption" size="xs" fw={600}>
        {title}
      </Text>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={said}
        style={{ display: "block", fontSize: 11 }}
      >
        {ticks.map(({ y, text }) => (
          <g key={text} fill={look.text}>
            <line x1={left} x2={width} y1={y} y2={y} stroke={look.grid} />
            <text x={left - 6} y={y + 4} textAnchor="end">
              {text}
            </text>
          </g>
        ))}
        {numbers.map(({ x, text }) => (
          <text key={text} x={x} y={bottom + 15} textAnchor="middle" fill={look.text}>
            {text}
          </text>
        ))}
        <polyline points={points.join(" ")} fill="none" stroke={color} strokeWidth="1.5" />
        {points.length <= 60 &&
          points.map((point) => {
            const [x, y] = point.split(",");
            return <circle key={point} cx={x} cy={y} r="2.5" fill={color} />;
          })}
      </svg>
    </figure>
  );
}
