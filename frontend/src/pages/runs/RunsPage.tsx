// The list of runs, live: searched, sorted and filtered by the server, selected here.
import { Checkbox, Group, Stack, Text, Title } from "@mantine/core";
import { useCallbackRef } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { isFiltered, type Listing, queryOf } from "../../address/listing";
import { useStream } from "../../api/stream";
import { curlOf } from "../../form/curl";
import { bodyOf, START } from "../../form/draft";
import { CopyableCode } from "../../ui/CopyableCode";
import { Freshness } from "../../ui/Freshness";
import { LinkButton } from "../../ui/LinkButton";
import { Empty, Failed, Loading } from "../../ui/States";
import { TextLink } from "../../ui/TextLink";
import { counted } from "../../units";
import { knownOrder, understood } from "./filters/conditionSyntax";
import { Filters } from "./filters/Filters";
import { usePages } from "./pages";
import { SelectionBar } from "./SelectionBar";
import { useSelection } from "./selection";
import { ColumnsMenu } from "./table/ColumnsMenu";
import { useChoice } from "./table/choice";
import { columnsOf, shownOf } from "./table/columns";
import { RunsTable } from "./table/RunsTable";
import { inBlocks, type Range } from "./table/window";
import { useSame } from "./useSame";

const TOP: Range = { first: 0, last: 20 };

export function RunsPage() {
  const asked = useSearch({ from: "/" });
  const listed: Listing = { ...asked, where: understood(asked.where), sort: knownOrder(asked.sort) };
  const navigate = useNavigate({ from: "/" });
  const list = JSON.stringify(queryOf(listed)); // another list begins at its top
  const [looked, setLooked] = useState<Looked>({ list, seen: TOP });
  const { query, runs, total } = usePages(listed, looked.list === list ? looked.seen : TOP);
  const link = useStream([]);
  const [chosen, choose] = useChoice();
  const columns = useSame(useMemo(() => shownOf(runs, chosen, listed.fields), [runs, chosen, listed.fields]));
  const selection = useSelection(runs);
  const onSelect = useCallbackRef(selection.select);
  const change = (part: Listing) => navigate({ search: { ...listed, ...part } });
  const isEmpty = query.data !== undefined && !query.isPlaceholderData && total === 0;
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={1}>Runs</Title>
          {total > 0 && (
            <Text size="sm" c="dimmed" role="status">
              {counted(total)}
            </Text>
          )}
          <Freshness query={query} link={link} />
        </Group>
        <LinkButton to="/new">New run</LinkButton>
      </Group>
      <Filters listed={listed}>
        <Checkbox
          size="xs"
          label="Only what differs"
          checked={listed.fields === "differing"}
          onChange={({ target }) => change({ fields: target.checked ? "differing" : undefined })}
        />
        <ColumnsMenu all={columnsOf(runs)} chosen={chosen} choose={choose} />
      </Filters>
      {selection.runs.length > 0 && (
        <SelectionBar runs={selection.runs} clear={selection.clear} leaveOut={selection.leaveOut} />
      )}
      {query.isPending && <Loading what="runs" />}
      {query.isError && !query.data && (
        <>
          <Failed what="The runs" error={query.error} retry={query.refetch} />
          <TextLink to="/" underline="always">
            All runs, the newest first
          </TextLink>
        </>
      )}
      {total > 0 && (
        <RunsTable
          key={list}
          {...{ runs, total, columns, onSelect }}
          sort={listed.sort}
          onSort={(sort) => change({ sort })}
          selected={selection.selected}
          onSelectAll={selection.toggleAll}
          onSeen={(seen) => setLooked((before) => looksAt(before, list, inBlocks(seen)))}
        />
      )}
      {isEmpty && (isFiltered(listed) ? <NoMatch /> : <FirstRun />)}
    </Stack>
  );
}

type Looked = { list: string; seen: Range };

/** The same object where nothing has changed: the page is not drawn again for every row that comes into sight. */
const looksAt = (before: Looked, list: string, seen: Range): Looked =>
  before.list === list && before.seen.first === seen.first && before.seen.last === seen.last
    ? before
    : { list, seen };

function NoMatch() {
  return (
    <Empty title="No run matches">
      <Text>
        No run passes these filters.{" "}
        <TextLink to="/" underline="always">
          All runs
        </TextLink>
      </Text>
    </Empty>
  );
}

function FirstRun() {
  return (
    <Empty title="No runs yet">
      <Text>
        Start with ResNet-20 on <i>digits</i>: it needs no download and takes some minutes on a CPU. Either
        here:
      </Text>
      <Group>
        <LinkButton to="/new">New run</LinkButton>
      </Group>
      <Text>or from a shell:</Text>
      <CopyableCode label="curl line">{curlOf(bodyOf(START), location.origin, "runs")}</CopyableCode>
      <Text size="xs" c="dimmed">
        RESLAB_TOKEN is the token in the URL that was printed at the start.
      </Text>
    </Empty>
  );
}
