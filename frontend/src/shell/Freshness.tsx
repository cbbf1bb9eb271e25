// Says whether what a page shows is what the server holds: live, or stale since when.
import { Badge } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { clock } from "../units";

type Asked = Pick<UseQueryResult, "dataUpdatedAt" | "failureCount" | "isError">;

export function Freshness({ query, isLive = true }: { query: Asked; isLive?: boolean }) {
  if (query.dataUpdatedAt === 0) return null;
  if (query.isError || query.failureCount > 0) {
    return (
      <Badge role="status" color="orange" variant="light" tt="none">
        stale since {clock(query.dataUpdatedAt)}
      </Badge>
    );
  }
  if (!isLive) return null;
  return (
    <Badge role="status" color="teal" variant="light" tt="none">
      live
    </Badge>
  );
}
