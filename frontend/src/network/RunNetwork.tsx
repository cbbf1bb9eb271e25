// The network of a run: its drawing, and Table 1's form.
import { Stack } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { getNetwork } from "../api/client";
import { QueryView } from "../ui/QueryView";
import { Drawing } from "./Drawing";
import { LayerTable } from "./LayerTable";

/** It never changes: kept apart from the run, which its stream asks for again. */
const networkQuery = (id: string) =>
  queryOptions({
    queryKey: ["network", id],
    queryFn: () => getNetwork(id),
    staleTime: Number.POSITIVE_INFINITY,
  });

export function RunNetwork({ id }: { id: string }) {
  return (
    <QueryView query={useQuery(networkQuery(id))} what="network">
      {({ layers }) => (
        <Stack gap="md">
          <Drawing layers={layers} />
          <LayerTable layers={layers} />
        </Stack>
      )}
    </QueryView>
  );
}
