// The trainer's last words, live.
import { Anchor, Code, Group, ScrollArea, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { logUrl, type Run } from "../api/client";
import { logQuery } from "../api/queries";
import { Failed, Loading } from "../shell/States";

export function Log({ run }: { run: Run }) {
  const query = useQuery(logQuery(run.id));
  const viewport = useRef<HTMLDivElement>(null);
  const lines = query.data?.lines;

  // A tail shows its end.
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what moves it
  useEffect(() => {
    if (viewport.current) viewport.current.scrollTop = viewport.current.scrollHeight;
  }, [lines]);

  if (query.isPending) return <Loading what="log" />;
  if (query.isError && !lines) return <Failed what="The log" error={query.error} retry={query.refetch} />;
  if (!lines?.length) return <Text c="dimmed">The trainer has not written anything yet.</Text>;
  return (
    <>
      <ScrollArea.Autosize
        mah={300}
        viewportRef={viewport}
        type="auto"
        viewportProps={{ tabIndex: 0, role: "log", "aria-label": "log" }}
      >
        <Code block fz="xs">
          {lines.join("\n")}
        </Code>
      </ScrollArea.Autosize>
      <Group mt="xs">
        <Anchor size="sm" href={logUrl(run.id)}>
          Whole log
        </Anchor>
      </Group>
    </>
  );
}
