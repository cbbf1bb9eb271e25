// The channels and the deliveries, asked for again while the page is open: control sends them, and makes no event.
import { queryOptions } from "@tanstack/react-query";
import { listChannels, listDeliveries } from "../../api/channels";

export const channelsQuery = queryOptions({ queryKey: ["channels"], queryFn: listChannels });

export const deliveriesQuery = queryOptions({
  queryKey: ["deliveries"],
  queryFn: listDeliveries,
  refetchInterval: 3000,
});
