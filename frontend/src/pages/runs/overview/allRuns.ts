// All runs of a list, for what needs them at once; of a very long list, the first thousand.
import { queryOptions } from "@tanstack/react-query";
import { type Listing, queryOf } from "../../../address/listing";
import { listRuns } from "../../../api/runs";
import type { Run } from "../../../api/types";

export const MOST = 1000;
const PAGE = 200;

export const allRunsQuery = (listing: Listing) =>
  queryOptions({ queryKey: ["runs", "all", queryOf(listing)], queryFn: () => fetchAll(listing) });

async function fetchAll(listing: Listing): Promise<{ runs: Run[]; total: number }> {
  const runs: Run[] = [];
  let cursor: string | null | undefined;
  let total = 0;
  do {
    const page = await listRuns({ ...queryOf(listing), limit: PAGE, ...(cursor && { cursor }) });
    runs.push(...page.items);
    total = page.total;
    cursor = page.next_cursor;
  } while (cursor && runs.length < MOST);
  return { runs, total };
}
