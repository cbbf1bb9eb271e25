// A run's curves, or what it waits for before there are any.
import { Anchor, Center, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { csvUrl, type Run } from "../api/client";
import { curvesQuery } from "../api/queries";
import { isOpen } from "../runs/progress";
import { Failed, Loading } from "../shell/States";
import { figureOf } from "./figure";

const Chart = lazy(() => import("../chart/Chart").then(({ Chart }) => ({ default: Chart })));

export function Curves({ run }: { run: Run }) {
  const query = useQuery(curvesQuery(run.id));
  const figure = useMemo(() => query.data && figureOf(run, query.data), [run, query.data]);
  if (run.iteration === 0 && isOpen(run))
    return <Waiting>{run.waits_for ?? "the first iterations are on their way"}</Waiting>;
  if (query.isError && !figure) return <Failed what="The curves" error={query.error} retry={query.refetch} />;
  if (!figure) return <Loading what="curves" />;
  if (figure.lines.every(({ points }) => points.at.length === 0))
    return <Waiting>no point was recorded</Waiting>;
  return (
    <Suspense fallback={<Loading what="chart" />}>
      <Chart figure={figure} />
      <Anchor size="sm" href={csvUrl(run.id)}>
        All points as CSV
      </Anchor>
    </Suspense>
  );
}

function Waiting({ children }: { children: string }) {
  return (
    <Center mih={250}>
      <Text c="dimmed" role="status" ta="center">
        {children}
      </Text>
    </Center>
  );
}
