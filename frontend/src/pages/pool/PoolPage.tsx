// Several labs' results on one network as one: the pooled mean, how much the labs differ, and what did not count.
import { Alert, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { poolRuns } from "../../api/imports";
import { Problem } from "../../api/problem";
import type { Pool } from "../../api/types";
import { PageTitle } from "../../ui/PageTitle";
import { Section } from "../../ui/Section";
import { EmptyState, ErrorState, LoadingState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { ForestPlot } from "./ForestPlot";

export function PoolPage() {
  const { run: runs } = useSearch({ from: "/pool" });
  const query = useQuery({
    queryKey: ["pool", runs],
    queryFn: () => poolRuns(runs),
    enabled: runs.length > 0,
    retry: false,
  });
  if (runs.length === 0) return <EmptyPool />;
  if (query.error instanceof Problem && query.error.status === 422)
    return (
      <>
        <PageTitle>Pool</PageTitle>
        <EmptyState title="These results can't be pooled">
          <Text>{query.error.message}</Text>
        </EmptyState>
      </>
    );
  if (query.error) return <ErrorState what="The pool" error={query.error} retry={query.refetch} />;
  if (!query.data) return <LoadingState what="pool" />;
  return <PoolView pool={query.data} />;
}

function PoolView({ pool }: { pool: Pool }) {
  return (
    <Stack gap="lg">
      <div>
        <PageTitle>{`${pool.network}, pooled`}</PageTitle>
        <Text maw={760}>{pool.sentence}</Text>
      </div>
      <Section title="Labs">
        <ForestPlot pool={pool} />
        <LabTable pool={pool} />
      </Section>
      <Section title="How much the labs differ">
        <Differences pool={pool} />
      </Section>
      {pool.notes.length > 0 && (
        <Alert color="gray" title="Notes">
          {pool.notes.map((note) => (
            <div key={note}>{note}</div>
          ))}
        </Alert>
      )}
      {pool.left_out.length > 0 && (
        <Section title="Left out">
          {pool.left_out.map(({ where, why }) => (
            <Text key={where + why} size="sm">
              {where}: {why}
            </Text>
          ))}
        </Section>
      )}
    </Stack>
  );
}

function LabTable({ pool }: { pool: Pool }) {
  return (
    <Table aria-label="labs" fz="sm" maw={760} style={{ fontVariantNumeric: "tabular-nums" }}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Lab</Table.Th>
          <Table.Th ta="right">Runs</Table.Th>
          <Table.Th ta="right">Mean test error</Table.Th>
          <Table.Th ta="right">Weight</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {pool.labs.map(({ name, errors, mean, weight }) => (
          <Table.Tr key={name}>
            <Table.Td>{name}</Table.Td>
            <Table.Td ta="right">{errors.length}</Table.Td>
            <Table.Td ta="right">{mean.toFixed(2)} %</Table.Td>
            <Table.Td ta="right">{Math.round(100 * weight)} %</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Differences({ pool: { heterogeneity, prediction, spread } }: { pool: Pool }) {
  const range = (ends: readonly number[]) => ends.map((end) => end.toFixed(2)).join(" to ");
  return (
    <Stack gap={4}>
      {spread !== null && (
        <Text size="sm">Seeds of one lab: standard deviation {spread.toFixed(2)} points, over all labs.</Text>
      )}
      {heterogeneity ? (
        <>
          <Text size="sm">
            Labs beyond their seeds: τ = {heterogeneity.tau.toFixed(2)} points (90 %:{" "}
            {range(heterogeneity.tau_interval)}), I² = {Math.round(100 * heterogeneity.i2)} %.
          </Text>
          <Text size="sm">
            Q = {heterogeneity.q.toFixed(2)} on {heterogeneity.df} degrees of freedom, p ={" "}
            {heterogeneity.p.toFixed(3)}.
          </Text>
        </>
      ) : (
        <Text size="sm">These results don't show how much labs differ.</Text>
      )}
      {prediction && <Text size="sm">Another lab's mean is expected between {range(prediction)} %.</Text>}
    </Stack>
  );
}

function EmptyPool() {
  return (
    <>
      <PageTitle>Pool</PageTitle>
      <EmptyState title="Nothing to pool">
        <Text>
          Select runs of one network, imports of several labs and your own, in{" "}
          <TextLink to="/" underline="always">
            the list of runs
          </TextLink>
          .
        </Text>
      </EmptyState>
    </>
  );
}
