// Says whether the page shows the server's current state: "live", or "stale" and for how long.
import { useInterval } from "@mantine/hooks";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import type { Link } from "../api/events/stream";
import { duration } from "../units";

type QueryState = Pick<UseQueryResult, "dataUpdatedAt" | "failureCount" | "isError">;

export function Freshness({ query, link }: { query: QueryState; link: Link }) {
  if (query.dataUpdatedAt === 0) return null;
  if (typeof link === "object") return <StaleBadge since={Math.max(link.cutAt, query.dataUpdatedAt)} />;
  if (query.isError || query.failureCount > 0) return <StaleBadge since={query.dataUpdatedAt} />;
  if (link !== "live") return null;
  return (
    <span role="status" className="freshness">
      live
    </span>
  );
}

function StaleBadge({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true });
  return (
    <span role="status" className="freshness" data-stale="true">
      stale {duration(Math.max(now - since, 0) / 1000)}
    </span>
  );
}
