// The runs of a list, fetched page by page as the reader scrolls: each page is fetched by the previous page's cursor.
import {
  keepPreviousData,
  type QueryClient,
  queryOptions,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { type Listing, queryOf } from "../../address/listing";
import { refreshMs } from "../../api/queries";
import { listRuns } from "../../api/runs";
import type { Run } from "../../api/types";
import type { Range } from "./table/window";
import { useSame } from "./useSame";

type RunPage = Awaited<ReturnType<typeof listRuns>>;

const PAGE = 100;
// Pages out of sight stay in the cache, because their cursors connect the pages.
const CACHE_MS = 60 * 60_000;

/** Fetched again when the stream reports a change of any run, but only while the page is in sight. */
const pageQuery = (listing: Listing, cursor: string) =>
  queryOptions({
    queryKey: ["runs", queryOf(listing), cursor],
    queryFn: () => listRuns({ ...queryOf(listing), limit: PAGE, ...(cursor && { cursor }) }),
    gcTime: CACHE_MS,
    refetchInterval: ({ state }) =>
      refreshMs(state.error, state.data?.items.some(({ status }) => status === "running") ?? false),
  });

/** The runs from the first on, as far as they have been fetched, and the list's total. `rows` are the rows in sight. */
export function usePages(listing: Listing, rows: Range) {
  const client = useQueryClient();
  const isStart = rows.first < PAGE;
  const query = useQuery({ ...pageQuery(listing, ""), enabled: isStart, placeholderData: keepPreviousData });
  const chain = query.isPlaceholderData ? { pages: [query.data], next: undefined } : chainOf(client, listing);
  const { next } = chain;
  const pages = useSame(chain.pages);
  const runs: readonly Run[] = useMemo(() => pages.flatMap((page) => page?.items ?? []), [pages]);
  const cursors = ["", ...pages.map((page) => page?.next_cursor)];
  const inSight = cursors.slice(Math.floor(rows.first / PAGE), Math.floor(rows.last / PAGE) + 1);
  const isNearEnd = next !== undefined && rows.last > runs.length - PAGE / 2;
  const needed = new Set([...inSight, ...(isNearEnd ? [next] : [])]);
  useQueries({
    queries: [...needed].flatMap((cursor) => (cursor ? [pageQuery(listing, cursor)] : [])),
  });
  const total = query.data ? Math.max(query.data.total, runs.length + (next ? 1 : 0)) : 0;
  return { query, runs, total };
}

/** The cached pages from the first on without a gap, and the cursor of the next page. */
function chainOf(client: QueryClient, listing: Listing) {
  const pages: RunPage[] = [];
  let next: string | null = "";
  while (next !== null) {
    const page: RunPage | undefined = client.getQueryData(pageQuery(listing, next).queryKey);
    if (!page) return { pages, next };
    pages.push(page);
    next = page.next_cursor ?? null;
  }
  return { pages, next: undefined };
}
