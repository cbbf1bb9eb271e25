// What is known of a data set with boxes: counts and sizes by class, what was skipped, and sample images.
import { Alert, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { listSamples } from "../../api/datasets";
import type { Dataset } from "../../api/types";
import { PictureWithBoxes } from "../../ui/PictureWithBoxes";
import { QueryView } from "../../ui/QueryView";
import { formatCount } from "../../units";

const samplesQuery = (name: string, registered: string | null) =>
  queryOptions({
    queryKey: ["samples", name, registered],
    queryFn: () => listSamples(name),
    staleTime: Number.POSITIVE_INFINITY,
  });

type Props = { dataset: Dataset; boxes: NonNullable<Dataset["boxes"]> };

export function Boxes({ dataset, boxes }: Props) {
  const { train_boxes, test_boxes, median_side, largest_image, warnings } = boxes;
  const samples = useQuery(samplesQuery(dataset.name, dataset.created_at));
  return (
    <Stack gap="xs" mt="xs">
      {warnings.length > 0 && (
        <Alert color="gray" p="xs">
          {warnings.map((warning) => (
            <Text key={warning} size="xs">
              {warning}
            </Text>
          ))}
        </Alert>
      )}
      <Table aria-label={`boxes of ${dataset.name}`} fz="xs" maw={520}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Class</Table.Th>
            <Table.Th ta="right">Training boxes</Table.Th>
            <Table.Th ta="right">Test boxes</Table.Th>
            <Table.Th ta="right">Median side (px)</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {Object.keys(train_boxes).map((name) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td ta="right">{formatCount(train_boxes[name] ?? 0)}</Table.Td>
              <Table.Td ta="right">{formatCount(test_boxes[name] ?? 0)}</Table.Td>
              <Table.Td ta="right">{median_side[name]?.toFixed(1) ?? "–"}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        The side of a box is the root of its area. The largest image has {largest_image.join("×")} pixels.
      </Text>
      <QueryView query={samples} what="sample images">
        {({ items }) => (
          <SimpleGrid cols={{ base: 2, sm: 3 }} maw={720}>
            {items.map((sample) => (
              <PictureWithBoxes key={sample.path} {...sample} />
            ))}
          </SimpleGrid>
        )}
      </QueryView>
    </Stack>
  );
}
