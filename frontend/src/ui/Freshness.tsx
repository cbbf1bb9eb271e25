// Says whether the page shows the server's current state: "live", or "stale" and for how long.
import { Badge } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import type { Link } from "../api/stream";
import { duration } from "../units";

type QueryState = Pick<UseQueryResult, "dataUpdatedAt" | "failureCount" | "isError">;

export function Freshness({ query, link }: { query: QueryState; link: Link }) {
  if (query.dataUpdatedAt === 0) return null;
  if (typeof link === "object") return <StaleBadge since={Math.max(link.cutAt, query.dataUpdatedAt)} />;
  if (query.isError || query.failureCount > 0) return <StaleBadge since={query.dataUpdatedAt} />;
  if (link !== "live") return null;
  return (
    <Badge role="status" color="teal" variant="light" tt="none">
      live
    </Badge>
  );
}

function StaleBadge({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true });
  return (
    <Badge role="status" color="orange" variant="light" tt="none">
      stale {duration(Math.max(now - since, 0) / 1000)}
    </Badge>
  );
}
