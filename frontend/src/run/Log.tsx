// The log, live: its tail, any place in it, and the lines that contain a text.
import { ActionIcon, Anchor, Button, Code, Group, ScrollArea, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { logUrl, type Run } from "../api/client";
import { logQuery } from "../api/queries";
import { Failed, Loading } from "../ui/States";
import { useShortcuts } from "../ui/useShortcuts";
import { counted } from "../units";
import { LogLines } from "./LogLines";
import { isOpen } from "./progress";

// A place is shown with what came before it.
const BEFORE = 20;

type Props = {
  /** It may be an examination. */
  run: Pick<Run, "id" | "status">;
  /** What it is called, where it is not the log that a key of the page leads to. */
  name?: string;
};

export function Log({ run, name }: Props) {
  // The line that is looked at; undefined is the end, which moves.
  const [line, setLine] = useState<number>();
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text.trim(), 300);
  const place = search ? { search } : line === undefined ? {} : { after: Math.max(line - BEFORE, 0) };
  const query = useQuery({ ...logQuery(run.id, place), placeholderData: keepPreviousData });
  const viewport = useRef<HTMLDivElement>(null);
  const log = query.data;
  const isTail = !search && line === undefined;
  useShortcuts(name ? {} : { o: () => viewport.current?.focus() });

  // A tail shows its end, a place its line.
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what moves it
  useEffect(() => {
    const view = viewport.current;
    if (!view) return;
    if (isTail) view.scrollTop = view.scrollHeight;
    else view.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [log, isTail]);

  if (query.isPending) return <Loading what="log" />;
  if (query.isError && !log) return <Failed what="The log" error={query.error} retry={query.refetch} />;
  if (!log?.last) return <Text c="dimmed">The trainer has written nothing{isOpen(run) ? " yet" : ""}.</Text>;
  const { first_error: firstError, left_out: leftOut } = log;
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
          placeholder="search"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          rightSection={
            text && (
              <ActionIcon size="xs" variant="subtle" aria-label="end the search" onClick={() => setText("")}>
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
            {isOpen(run) ? "Follow the end" : "The end"}
          </Button>
        )}
        <Text size="xs" c="dimmed">
          {search
            ? `${log.lines.length} found`
            : isTail
              ? isOpen(run)
                ? "following"
                : "its end"
              : `from line ${log.lines[0]?.number ?? 0}`}
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
          {log.lines.length === 0 && "no line contains this"}
        </Code>
      </ScrollArea.Autosize>
      <Group mt="xs">
        <Anchor size="sm" href={logUrl(run.id)}>
          Whole log
        </Anchor>
        {leftOut && (
          <Text size="xs" c="dimmed">
            {counted(leftOut.lines)} lines behind line {leftOut.after} are left out: the log grew too long.
          </Text>
        )}
      </Group>
    </>
  );
}
