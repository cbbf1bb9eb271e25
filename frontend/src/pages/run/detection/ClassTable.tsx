// The average precision of each class at the last evaluation of each split.
import { Table, Text } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { listEvents } from "../../../api/runs";
import { QueryView } from "../../../ui/QueryView";
import { formatCount } from "../../../units";

type Evaluation = {
  iteration: number;
  split: "val" | "test";
  map: number;
  map_50: number;
  map_50_95: number;
  images: number;
  detections: number;
  ap: Record<string, number | null>;
};

/** Below the run's key, which the stream fetches again at each evaluation. */
const evaluationsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "evaluations"],
    queryFn: async () => {
      const { items } = await listEvents(id, ["evaluated"]);
      // The API types bodies as objects; a detector's evaluation has these fields.
      return items.map(({ body }) => body as unknown as Evaluation);
    },
  });

export function ClassTable({ id, iteration }: { id: string; iteration: number }) {
  const query = useQuery({ ...evaluationsQuery(id), enabled: iteration > 0 });
  return (
    <QueryView query={query} what="average precisions">
      {(evaluations) => {
        const last = (["val", "test"] as const).flatMap(
          (split) => evaluations.filter((evaluation) => evaluation.split === split).at(-1) ?? [],
        );
        return last.length > 0 ? <Precisions evaluations={last} /> : null;
      }}
    </QueryView>
  );
}

function Precisions({ evaluations }: { evaluations: readonly Evaluation[] }) {
  const classes = Object.keys(evaluations[0]?.ap ?? {});
  return (
    <Table aria-label="average precision by class" maw={560}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Average precision (%)</Table.Th>
          {evaluations.map(({ split, iteration }) => (
            <Table.Th key={split} ta="right">
              {split === "val" ? "Validation" : "Test"}, iteration {formatCount(iteration)}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {classes.map((name) => (
          <Row key={name} title={name} values={evaluations.map(({ ap }) => ap[name])} />
        ))}
        <Row title="mAP" values={evaluations.map(({ map }) => map)} isBold />
        <Row title="mAP@.5" values={evaluations.map(({ map_50 }) => map_50)} />
        <Row title="mAP@[.5,.95]" values={evaluations.map(({ map_50_95 }) => map_50_95)} />
      </Table.Tbody>
      <Table.Caption>
        {evaluations.map(({ split, images, detections }) => (
          <Text key={split} size="xs" c="dimmed" span>
            {formatCount(detections)} detections in {formatCount(images)} images. A class without objects has
            no average precision.{" "}
          </Text>
        ))}
      </Table.Caption>
    </Table>
  );
}

function Row({
  title,
  values,
  isBold = false,
}: {
  title: string;
  values: readonly (number | null | undefined)[];
  isBold?: boolean;
}) {
  return (
    <Table.Tr fw={isBold ? 600 : 400}>
      <Table.Td>{title}</Table.Td>
      {values.map((value, column) => (
        <Table.Td key={column} ta="right">
          {value == null ? "–" : value.toFixed(2)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
