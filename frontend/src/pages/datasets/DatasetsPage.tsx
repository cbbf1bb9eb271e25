// The data sets that runs can train on: built-in ones and your own.
import { Badge, type ButtonProps, Grid, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { datasetsQuery } from "../../api/queries";
import type { Dataset } from "../../api/types";
import { SMALL } from "../../form/detectorDraft";
import { START } from "../../form/draft";
import { LinkButton } from "../../ui/LinkButton";
import { loadPart } from "../../ui/loadPart";
import { PageTitle } from "../../ui/PageTitle";
import { ErrorState, LoadingState } from "../../ui/States";
import { Unfold } from "../../ui/Unfold";
import { formatCount, size } from "../../units";
import { SampleSheet } from "./SampleSheet";
import { Upload } from "./Upload";

const COLUMNS = 5;
const Boxes = lazy(() => loadPart(() => import("./Boxes")).then(({ Boxes }) => ({ default: Boxes })));

export function DatasetsPage() {
  const query = useQuery(datasetsQuery);
  return (
    <Stack gap="md">
      <PageTitle>Data sets</PageTitle>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 8 }}>
          {query.isPending && <LoadingState what="data sets" />}
          {query.isError && !query.data && (
            <ErrorState what="The data sets" error={query.error} retry={query.refetch} />
          )}
          {query.data && <DatasetsTable datasets={query.data.items} />}
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Upload />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function DatasetsTable({ datasets }: { datasets: readonly Dataset[] }) {
  return (
    <Table aria-label="data sets" verticalSpacing="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Data set</Table.Th>
          <Table.Th visibleFrom="sm" ta="right">
            Classes
          </Table.Th>
          <Table.Th ta="right">Training images</Table.Th>
          <Table.Th ta="right">Test images</Table.Th>
          <Table.Th visibleFrom="sm" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {datasets.map((dataset) => (
          <Row key={dataset.name} dataset={dataset} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ dataset }: { dataset: Dataset }) {
  const { sheet } = dataset;
  return (
    <>
      <Numbers dataset={dataset} />
      {sheet && (
        <Table.Tr>
          <Table.Td colSpan={COLUMNS} pt={0}>
            <Unfold title={`Sample images of ${dataset.name}`}>
              <SampleSheet dataset={dataset} layout={sheet} />
            </Unfold>
          </Table.Td>
        </Table.Tr>
      )}
      {!sheet && dataset.task === "classification" && (
        <Table.Tr>
          <Table.Td colSpan={COLUMNS} pt={0}>
            <Text size="xs" c="dimmed">
              Sample images will appear here after the first run on {dataset.name}: only workers have its
              images.
            </Text>
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function Numbers({ dataset }: { dataset: Dataset }) {
  return (
    <Table.Tr style={dataset.task === "classification" ? { borderBottom: 0 } : undefined}>
      <Table.Td>
        <Text span fw={600} mr="xs">
          {dataset.name}
        </Text>
        {dataset.task === "detection" && (
          <Badge size="xs" mr="xs">
            boxes
          </Badge>
        )}
        {dataset.kind !== "built-in" && <Badge size="xs">your own {dataset.kind}</Badge>}
        <Text size="xs" c="dimmed">
          {dataset.about}
        </Text>
        {dataset.class_names && (
          <Unfold title={`Names of the ${formatCount(dataset.classes)} classes`}>
            <Text size="xs" maw={520}>
              {dataset.class_names.join(", ")}
            </Text>
          </Unfold>
        )}
        {dataset.size_bytes !== null && (
          <Text size="xs" c="dimmed">
            {size(dataset.size_bytes)}, registered by {dataset.owner}, manifest{" "}
            {dataset.manifest_hash?.slice(0, 12)}
          </Text>
        )}
        {dataset.boxes && (
          <Unfold title="Boxes, sizes and sample images">
            <Boxes dataset={dataset} boxes={dataset.boxes} />
          </Unfold>
        )}
        <NewRunLink dataset={dataset} hiddenFrom="sm" ml={-8} mt={6} />
      </Table.Td>
      <Table.Td visibleFrom="sm" ta="right">
        {formatCount(dataset.classes)}
      </Table.Td>
      <Table.Td ta="right">{formatCount(dataset.train_images)}</Table.Td>
      <Table.Td ta="right">{formatCount(dataset.test_images)}</Table.Td>
      <Table.Td visibleFrom="sm" ta="right">
        <NewRunLink dataset={dataset} />
      </Table.Td>
    </Table.Tr>
  );
}

function NewRunLink({
  dataset,
  ...buttonProps
}: { dataset: Dataset } & Pick<ButtonProps, "hiddenFrom" | "ml" | "mt">) {
  const props = { size: "compact-xs", variant: "subtle", ...buttonProps } as const;
  const { name } = dataset;
  return dataset.task === "detection" ? (
    <LinkButton
      to="/new/detector"
      search={dataset.kind === "built-in" ? { dataset: name } : { ...SMALL, dataset: name }}
      {...props}
    >
      New run
    </LinkButton>
  ) : (
    <LinkButton to="/new" search={{ ...START, dataset: name }} {...props}>
      New run
    </LinkButton>
  );
}
