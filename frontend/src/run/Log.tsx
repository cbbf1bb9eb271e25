// A log, live: its last lines, the lines around any line, and the lines that contain a text.
import { ActionIcon, Anchor, Button, Code, Group, ScrollArea, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { logUrl } from "../api/addresses";
import { logQuery } from "../api/queries";
import type { Run } from "../api/types";
import { ErrorState, LoadingState } from "../ui/States";
import { useShortcuts } from "../ui/useShortcuts";
import { formatCount, pluralize } from "../units";
import { LogLines } from "./LogLines";
import { isOpen } from "./progress";

// How many lines are shown before the line that was chosen.
const BEFORE = 20;

type Props = {
  /** A run or an examination. */
  run: Pick<Run, "id" | "status">;
  /** The log's accessible name; without it, the page's key `o` leads here. */
  name?: string;
};

export function Log({ run, name }: Props) {
  // The chosen line; undefined follows the end.
  const [line, setLine] = useState<number>();
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text.trim(), 300);
  const part = search ? { search } : line === undefined ? {} : { after: Math.max(line - BEFORE, 0) };
  const query = useQuery({ ...logQuery(run.id, part), placeholderData: keepPreviousData });
  const viewport = useRef<HTMLDivElement>(null);
  const log = query.data;
  const isTail = !search && line === undefined;
  useShortcuts(name ? {} : { o: () => viewport.current?.focus() });

  // Scrolls to the end, or to the chosen line.
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines must scroll it too
  useEffect(() => {
    const view = viewport.current;
    if (!view) return;
    if (isTail) view.scrollTop = view.scrollHeight;
    else view.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [log, isTail]);

  if (query.isPending) return <LoadingState what="log" />;
  if (query.isError && !log) return <ErrorState what="The log" error={query.error} retry={query.refetch} />;
  if (!log?.last) return <Text c="dimmed">The log is empty{isOpen(run) ? " so far" : ""}.</Text>;
  const { first_error: firstError, gap } = log;
  const goTo = (number?: number) => {
    setText("");
    setLine(number);
  };
  return (
    <>
      <Group mb="xs" gap="xs">
        <TextInput
          size="xs"
          aria-label={`search the ${name ?? "log"}`}
          placeholder="Search"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          rightSection={
            text && (
              <ActionIcon
                size="xs"
                variant="subtle"
                aria-label="clear the search"
                onClick={() => setText("")}
              >
                ×
              </ActionIcon>
            )
          }
        />
        {firstError != null && (
          <Button size="xs" variant="default" onClick={() => goTo(firstError)}>
            First error
          </Button>
        )}
        {!isTail && (
          <Button size="xs" variant="default" onClick={() => goTo(undefined)}>
            {isOpen(run) ? "Follow the log" : "Go to the end"}
          </Button>
        )}
        <Text size="xs" c="dimmed">
          {search
            ? `${pluralize(log.lines.length, "line")} with this text`
            : isTail
              ? isOpen(run)
                ? "Following the end"
                : "Showing the end"
              : `From line ${formatCount(log.lines[0]?.number ?? 0)}`}
        </Text>
      </Group>
      <ScrollArea.Autosize
        mah={300}
        viewportRef={viewport}
        type="auto"
        viewportProps={{ tabIndex: 0, role: "log", "aria-label": name ?? "log" }}
      >
        <Code block fz="xs">
          <LogLines lines={log.lines} current={line} onPick={search ? goTo : undefined} />
          {log.lines.length === 0 && "No line contains this text."}
        </Code>
      </ScrollArea.Autosize>
      <Group mt="xs">
        <Anchor size="sm" href={logUrl(run.id)}>
          Open the whole log
        </Anchor>
        {gap && (
          <Text size="xs" c="dimmed">
            {pluralize(gap.lines, "line")} after line {formatCount(gap.after)} were left out because the log
            is too long.
          </Text>
        )}
      </Group>
    </>
  );
}
