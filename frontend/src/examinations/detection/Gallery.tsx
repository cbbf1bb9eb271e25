// The test images with their detections: by class, above a score, with false alarms and missed objects marked.
import { Button, Group, NativeSelect, SimpleGrid, Slider, Stack, Text } from "@mantine/core";
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listTestImages } from "../../api/examinations";
import type { Examination } from "../../api/types";
import { PictureWithBoxes } from "../../ui/PictureWithBoxes";
import { QueryView } from "../../ui/QueryView";
import { formatCount, pluralize } from "../../units";
import { marksOf } from "./marks";

const PAGE = 9;
const LEAST = 0.5;

const imagesQuery = (id: string, first: number, label: string | undefined) =>
  queryOptions({
    queryKey: ["test-images", id, first, label],
    queryFn: () => listTestImages(id, first, PAGE, label),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });

export function Gallery({ test, classes }: { test: Examination; classes: readonly string[] }) {
  const [label, setLabel] = useState<string>();
  const [least, setLeast] = useState(LEAST);
  const [first, setFirst] = useState(0);
  const query = useQuery(imagesQuery(test.id, first, label));
  return (
    <Stack gap="sm">
      <Group gap="lg" align="flex-end">
        <NativeSelect
          size="xs"
          label="Class"
          data={[{ value: "", label: "all" }, ...classes]}
          value={label ?? ""}
          onChange={({ target }) => {
            setLabel(target.value || undefined);
            setFirst(0);
          }}
        />
        <Stack gap={2} w={260}>
          <Text size="xs">Detections with a score of at least {least.toFixed(2)}</Text>
          <Slider
            thumbLabel="least score"
            min={0.05}
            max={1}
            step={0.05}
            value={least}
            onChange={setLeast}
            label={null}
          />
        </Stack>
        <Text size="xs" c="dimmed">
          Green: right. Solid red: false alarm. Dashed red: missed object. Grey: doesn't count.
        </Text>
      </Group>
      <QueryView query={query} what="test images">
        {({ items, total }) => (
          <Stack gap="sm">
            <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }}>
              {items.map((image) => {
                const { boxes, right, wrong, missed } = marksOf(image, least, label);
                return (
                  <figure key={image.path} style={{ margin: 0 }}>
                    <PictureWithBoxes {...image} boxes={boxes} />
                    <Text component="figcaption" size="xs" c="dimmed">
                      {right} right, {pluralize(wrong, "false alarm")}, {missed} missed
                    </Text>
                  </figure>
                );
              })}
            </SimpleGrid>
            <Group gap="sm">
              <Button
                size="xs"
                variant="default"
                disabled={first === 0}
                onClick={() => setFirst(Math.max(first - PAGE, 0))}
              >
                Previous images
              </Button>
              <Button
                size="xs"
                variant="default"
                disabled={first + PAGE >= total}
                onClick={() => setFirst(first + PAGE)}
              >
                Next images
              </Button>
              <Text size="xs" c="dimmed">
                {total === 0
                  ? "No image."
                  : `Images ${formatCount(first + 1)} to ${formatCount(Math.min(first + PAGE, total))} of ${formatCount(total)}`}
              </Text>
            </Group>
          </Stack>
        )}
      </QueryView>
    </Stack>
  );
}
