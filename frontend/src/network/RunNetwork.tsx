// A run's network: as a drawing, and in the form of Table 1.
import { Stack } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { getNetwork } from "../api/runs";
import { QueryView } from "../ui/QueryView";
import { Drawing } from "./Drawing";
import { LayerTable } from "./LayerTable";
import { PartsTable } from "./PartsTable";

/** A network never changes, so its key is not below the run's, which the stream fetches again. */
const networkQuery = (id: string) =>
  queryOptions({
    queryKey: ["network", id],
    queryFn: () => getNetwork(id),
    staleTime: Number.POSITIVE_INFINITY,
  });

export function RunNetwork({ id }: { id: string }) {
  return (
    <QueryView query={useQuery(networkQuery(id))} what="network">
      {(network) =>
        "layers" in network ? (
          <Stack gap="md">
            <Drawing layers={network.layers} />
            <LayerTable layers={network.layers} />
          </Stack>
        ) : (
          <PartsTable network={network} />
        )
      }
    </QueryView>
  );
}
