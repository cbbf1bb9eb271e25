// The runs of a list, page by page as they are scrolled to: each page is asked for by the cursor of the one before.
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
import { listRuns, type Run } from "../../api/client";
import type { Range } from "./table/window";
import { useSame } from "./useSame";

type RunPage = Awaited<ReturnType<typeof listRuns>>;

const PAGE = 100;
// Pages that are out of sight hold the chain of cursors together.
const KEPT_MS = 60 * 60_000;

/** Asked for again when the stream speaks of any run, but only while it is looked at. */
const pageQuery = (listed: Listing, cursor: string) =>
  queryOptions({
    queryKey: ["runs", queryOf(listed), cursor],
    queryFn: () => listRuns({ ...queryOf(listed), limit: PAGE, ...(cursor && { cursor }) }),
    gcTime: KEPT_MS,
  });

/** The runs from the first on, as far as they are known, and all that `total` counts. `seen` are the rows in sight. */
export function usePages(listed: Listing, seen: Range) {
  const client = useQueryClient();
  const isStart = seen.first < PAGE;
  const query = useQuery({ ...pageQuery(listed, ""), enabled: isStart, placeholderData: keepPreviousData });
  const chain = query.isPlaceholderData ? { pages: [query.data], next: undefined } : chainOf(client, listed);
  const { next } = chain;
  const pages = useSame(chain.pages);
  const runs: readonly Run[] = useMemo(() => pages.flatMap((page) => page?.items ?? []), [pages]);
  const cursors = ["", ...pages.map((page) => page?.next_cursor)];
  const inSight = cursors.slice(Math.floor(seen.first / PAGE), Math.floor(seen.last / PAGE) + 1);
  const isNearEnd = next !== undefined && seen.last > runs.length - PAGE / 2;
  const wanted = new Set([...inSight, ...(isNearEnd ? [next] : [])]);
  useQueries({
    queries: [...wanted].flatMap((cursor) => (cursor ? [pageQuery(listed, cursor)] : [])),
  });
  const total = query.data ? Math.max(query.data.total, runs.length + (next ? 1 : 0)) : 0;
  return { query, runs, total };
}

/** The pages that are known, each beginning where the one before ends. */
function chainOf(client: QueryClient, listed: Listing) {
  const pages: RunPage[] = [];
  let next: string | null = "";
  while (next !== null) {
    const page: RunPage | undefined = client.getQueryData(pageQuery(listed, next).queryKey);
    if (!page) return { pages, next };
    pages.push(page);
    next = page.next_cursor ?? null;
  }
  return { pages, next: undefined };
}
