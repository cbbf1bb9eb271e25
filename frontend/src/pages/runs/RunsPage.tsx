// The list of runs, live: the server searches, sorts and filters it; the page holds the selection.
import { Checkbox, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useCallbackRef } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { isFiltered, type Listing, queryOf } from "../../address/listing";
import { useStream } from "../../api/events/stream";
import { Freshness } from "../../ui/Freshness";
import { LinkButton } from "../../ui/LinkButton";
import { loadPart } from "../../ui/loadPart";
import { PageTitle } from "../../ui/PageTitle";
import { EmptyState, ErrorState, LoadingState } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { formatCount } from "../../units";
import { validConditions, validSort } from "./filters/conditionSyntax";
import { Filters } from "./filters/Filters";
import { usePages } from "./pages";
import { SelectionBar } from "./SelectionBar";
import { useSelection } from "./selection";
import { ColumnsMenu } from "./table/ColumnsMenu";
import { useChoice } from "./table/choice";
import { columnsOf, visibleColumns } from "./table/columns";
import { RunsTable } from "./table/RunsTable";
import { inBlocks, type Range } from "./table/window";
import { useSame } from "./useSame";
import { ViewsMenu } from "./ViewsMenu";

// Fetched when the list is empty.
const FirstRun = lazy(() =>
  loadPart(() => import("./FirstRun")).then(({ FirstRun }) => ({ default: FirstRun })),
);
// Fetched when the reader first asks for groups or a scatter.
const Overview = lazy(() =>
  loadPart(() => import("./overview/Overview")).then(({ Overview }) => ({ default: Overview })),
);

const TOP: Range = { first: 0, last: 20 };

export function RunsPage() {
  const search = useSearch({ from: "/" });
  const listing: Listing = { ...search, where: validConditions(search.where), sort: validSort(search.sort) };
  const navigate = useNavigate({ from: "/" });
  const list = JSON.stringify(queryOf(listing)); // another list begins at its top
  const [sight, setSight] = useState<Sight>({ list, rows: TOP });
  const { query, runs, total } = usePages(listing, sight.list === list ? sight.rows : TOP);
  const link = useStream([]);
  const change = (part: Listing) => navigate({ search: { ...listing, ...part } });
  const [own, chooseOwn] = useChoice();
  const chosen = listing.columns ?? own;
  // A choice is the reader's own from then on, whatever the link said.
  const choose = (columns: string[]) => {
    chooseOwn(columns);
    if (listing.columns) change({ columns: undefined });
  };
  const columns = useSame(
    useMemo(() => visibleColumns(runs, chosen, listing.fields), [runs, chosen, listing.fields]),
  );
  const selection = useSelection(runs);
  const onSelect = useCallbackRef(selection.select);
  const isEmpty = query.data !== undefined && !query.isPlaceholderData && total === 0;
  if (isEmpty && !isFiltered(listing))
    return (
      <Suspense fallback={<LoadingState what="runs" />}>
        <FirstRun />
      </Suspense>
    );
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Group gap="sm">
          <PageTitle>Runs</PageTitle>
          {total > 0 && (
            <Text size="sm" c="dimmed" role="status">
              {formatCount(total)}
            </Text>
          )}
          <Freshness query={query} link={link} />
        </Group>
        <Group gap="sm">
          <FormSwitch listing={listing} change={change} />
          <LinkButton to="/new">New run</LinkButton>
        </Group>
      </Group>
      <Filters listing={listing}>
        {!listing.view && (
          <>
            <Checkbox
              size="xs"
              label="Show differing fields only"
              checked={listing.fields === "differing"}
              onChange={({ target }) => change({ fields: target.checked ? "differing" : undefined })}
            />
            <ColumnsMenu all={columnsOf(runs)} chosen={chosen} choose={choose} />
          </>
        )}
        <ViewsMenu listing={listing} columns={chosen} />
      </Filters>
      {selection.runs.length > 0 && (
        <SelectionBar runs={selection.runs} clear={selection.clear} remove={selection.remove} />
      )}
      {query.isPending && <LoadingState what="runs" />}
      {query.isError && !query.data && (
        <>
          <ErrorState what="The runs" error={query.error} retry={query.refetch} />
          <TextLink to="/" underline="always">
            Show all runs
          </TextLink>
        </>
      )}
      {total > 0 && listing.view && (
        <Suspense fallback={<LoadingState what="runs" />}>
          <Overview listing={listing} change={change} />
        </Suspense>
      )}
      {total > 0 && !listing.view && (
        <RunsTable
          key={list}
          {...{ runs, total, columns, onSelect }}
          sort={listing.sort}
          onSort={(sort) => change({ sort })}
          selected={selection.selected}
          onSelectAll={selection.toggleAll}
          onSight={(rows) => setSight((before) => nextSight(before, list, inBlocks(rows)))}
        />
      )}
      {isEmpty && <NoMatch />}
    </Stack>
  );
}

const FORMS = [
  { value: "table", label: "Table" },
  { value: "groups", label: "Groups" },
  { value: "scatter", label: "Scatter" },
] as const;

function FormSwitch({ listing, change }: { listing: Listing; change: (part: Listing) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="form of the list"
      data={[...FORMS]}
      value={listing.view ?? "table"}
      onChange={(view) => change({ view: view === "table" ? undefined : view })}
    />
  );
}

/** The rows in sight of a list. */
type Sight = { list: string; rows: Range };

/** The same object where nothing has changed, so that the page isn't drawn again for every row. */
const nextSight = (before: Sight, list: string, rows: Range): Sight =>
  before.list === list && before.rows.first === rows.first && before.rows.last === rows.last
    ? before
    : { list, rows };

function NoMatch() {
  return (
    <EmptyState title="No runs match">
      <Text>
        No run matches these filters.{" "}
        <TextLink to="/" underline="always">
          Show all runs
        </TextLink>
      </Text>
    </EmptyState>
  );
}
