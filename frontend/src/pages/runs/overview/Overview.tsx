// The list's runs in another form than the table: as groups, or as points.
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Listing } from "../../../address/listing";
import { QueryView } from "../../../ui/QueryView";
import { formatCount } from "../../../units";
import { allRunsQuery } from "./allRuns";
import { GroupsTable } from "./GroupsTable";
import { Scatter } from "./Scatter";

export function Overview({ listing, change }: { listing: Listing; change: (part: Listing) => void }) {
  const query = useQuery(allRunsQuery(listing));
  return (
    <QueryView query={query} what="runs">
      {({ runs, total }) => (
        <section aria-label={listing.view}>
          {listing.view === "groups" ? (
            <GroupsTable runs={runs} by={listing.by} onBy={(by) => change({ by })} />
          ) : (
            <Scatter runs={runs} x={listing.x} y={listing.y} change={change} />
          )}
          {total > runs.length && (
            <Text size="xs" c="var(--reslab-departure)">
              The first {formatCount(runs.length)} of {formatCount(total)} runs in the table's order. Filter
              the list to see others.
            </Text>
          )}
        </section>
      )}
    </QueryView>
  );
}
