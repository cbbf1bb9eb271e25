// What waits and who works, asked for again while a page shows it.
import { queryOptions } from "@tanstack/react-query";
import { getQueue, listWorkers } from "../../api/client";

// A worker's heartbeat tells no event, so the stream does not speak of it.
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
