// The live list of studies.
import { Button, Group, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useStream } from "../../api/events/stream";
import type { StudySummary } from "../../api/types";
import { START } from "../../form/studyDraft";
import { studiesQuery } from "../../study/queries";
import { StateBadge } from "../../study/StateBadge";
import { StudyProgress } from "../../study/StudyProgress";
import { Freshness } from "../../ui/Freshness";
import { LinkButton } from "../../ui/LinkButton";
import { PageTitle } from "../../ui/PageTitle";
import { EmptyState, ErrorState, LoadingState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { ago, moment } from "../../units";

export function StudiesPage() {
  const query = useInfiniteQuery(studiesQuery);
  const link = useStream([]);
  const studies = query.data?.pages.flatMap(({ items }) => items);
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Group gap="sm">
          <PageTitle>Studies</PageTitle>
          <Freshness query={query} link={link} />
        </Group>
        <LinkButton to="/studies/new" search={START}>
          New study
        </LinkButton>
      </Group>
      {query.isPending && <LoadingState what="studies" />}
      {query.isError && !studies && (
        <ErrorState what="The studies" error={query.error} retry={query.refetch} />
      )}
      {studies && studies.length > 0 && <StudiesTable studies={studies} />}
      {studies?.length === 0 && <FirstStudy />}
      {query.hasNextPage && (
        <Button
          variant="default"
          mx="auto"
          loading={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          Show older studies
        </Button>
      )}
    </Stack>
  );
}

function StudiesTable({ studies }: { studies: readonly StudySummary[] }) {
  return (
    <Table aria-label="studies" highlightOnHover verticalSpacing="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Study</Table.Th>
          <Table.Th>Status</Table.Th>
          <Table.Th visibleFrom="sm" ta="right">
            Seeds
          </Table.Th>
          <Table.Th visibleFrom="md" ta="right">
            Created
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {studies.map((study) => (
          <Row key={study.id} study={study} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ study }: { study: StudySummary }) {
  const { id, name, recipe, dataset, scale, status, seeds, budget, created_at } = study;
  return (
    <Table.Tr>
      <Table.Td>
        <TextLink to="/studies/$studyId" params={{ studyId: id }} fw={600}>
          {name}
        </TextLink>
        <Text size="xs" c="dimmed">
          {recipe} · {dataset} · scale {scale}
        </Text>
      </Table.Td>
      <Table.Td>
        <Stack gap={4} align="stretch">
          <StateBadge status={status} />
          <StudyProgress study={study} />
        </Stack>
      </Table.Td>
      <Table.Td visibleFrom="sm" ta="right">
        {seeds}
        {budget !== null && ` of ${budget}`}
      </Table.Td>
      <Table.Td visibleFrom="md" ta="right" title={moment(created_at)} style={{ whiteSpace: "nowrap" }}>
        {ago(created_at, Date.now())}
      </Table.Td>
    </Table.Tr>
  );
}

function FirstStudy() {
  return (
    <EmptyState title="No studies yet">
      <Text maw={720}>
        A study is one experiment from the paper: all its networks, each with as many seeds as you want. While
        the runs train, the study's page fills in the paper's table or figure. It says for every number
        whether you have reproduced it, and shows the arithmetic. Once all runs have ended, you can download a
        signed certificate.
      </Text>
      <Group>
        <LinkButton to="/paper/recipes">Choose a recipe</LinkButton>
        <LinkButton to="/studies/new" search={START} variant="default">
          Start with plain-20 and plain-56
        </LinkButton>
      </Group>
    </EmptyState>
  );
}
