// The queries of the queue and the workers, repeated while a page shows them.
import { queryOptions } from "@tanstack/react-query";
import { getQueue, listWorkers } from "../../api/service";

// A worker's heartbeat makes no event, so the stream doesn't report it.
const ASK_AGAIN_MS = 3000;

export const queueQuery = queryOptions({
  queryKey: ["queue"],
  queryFn: getQueue,
  refetchInterval: ASK_AGAIN_MS,
});

export const workersQuery = queryOptions({
  queryKey: ["workers"],
  queryFn: listWorkers,
  refetchInterval: ASK_AGAIN_MS,
});
