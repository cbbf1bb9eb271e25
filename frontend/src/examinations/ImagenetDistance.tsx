// The distance of an ImageNet run's evaluations from the paper's; its own test error is of one crop, which no table prints.
import { Text } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import type { Run } from "../api/types";
import { tableQuery } from "../paper/queries";
import { percent, signed } from "../units";
import { imagenetDistances, TABLES } from "./imagenet";
import { examinationsQuery } from "./queries";

export function ImagenetDistance({ run }: { run: Run }) {
  const examinations = useQuery(examinationsQuery(run.id)).data?.items;
  const tables = useQueries({ queries: TABLES.map(({ table }) => tableQuery(table)) }).flatMap(
    ({ data }) => data ?? [],
  );
  if (!examinations || tables.length < TABLES.length) return null;
  const distances = imagenetDistances(run, examinations, tables);
  if (distances.length === 0)
    return (
      <Text size="sm" mt="xs" maw={420}>
        This error is of one crop. The paper's tables have errors of 10 crops and of several scales: evaluate
        the weights in one of these ways, below, to see the distance.
      </Text>
    );
  return distances.map(({ table, protocol, ours, theirs, points }) => (
    <Text key={protocol} size="sm" mt="xs">
      {protocol}: {percent(ours)}, <b>{signed(points)} points</b> from the paper's {percent(theirs)} (Table{" "}
      {table})
    </Text>
  ));
}
