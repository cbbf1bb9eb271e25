// The one file that streams: a run's events as they happen, over one EventSource, with no gap after a cut.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { paced } from "../pace";
import { lastSeq } from "./client";
import { CHANGES, FILES, PROGRESS } from "./kinds";

// What an event changes is asked for again at most this often.
const ASK_MS = 500;
// A browser reconnects by itself after a cut, but not after an answer that is no stream, such as a 503.
const REOPEN_MS = 2000;
/** Asks again for what is kept of a run whenever something happens to it; says whether the stream is open. */
export function useRunStream(id: string, isOpen: boolean): boolean {
  const queries = useQueryClient();
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    if (!isOpen) return;
    const ask = (predicate: (key: readonly unknown[]) => boolean) => () => {
      // A hidden tab catches up when it is looked at again: react-query asks on focus.
      if (document.hidden) return;
      queries.invalidateQueries({ queryKey: ["run", id], predicate: ({ queryKey }) => predicate(queryKey) });
    };
    const progress = paced(ask(isProgress), ASK_MS);
    const change = paced(
      ask(() => true),
      ASK_MS,
    );
    const close = follow(id, { onProgress: progress.call, onChange: change.call, onLive: setLive });
    return () => {
      close();
      progress.stop();
      change.stop();
      setLive(false);
      // The run may have ended between two asks.
      queries.invalidateQueries({ queryKey: ["run", id] });
    };
  }, [id, isOpen, queries]);
  return isLive;
}

type Listener = { onProgress: () => void; onChange: () => void; onLive: (isLive: boolean) => void };

/** Follows a run from now on; after a cut from the last event that came. Answers how to stop. */
function follow(id: string, { onProgress, onChange, onLive }: Listener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let after: number | undefined;
  let isStopped = false;

  const again = () => {
    onLive(false);
    if (!isStopped) timer = setTimeout(open, REOPEN_MS);
  };
  const open = async () => {
    after ??= await lastSeq(id).catch(() => undefined);
    if (after === undefined) return again();
    if (isStopped) return;
    source = new EventSource(`/api/v1/runs/${id}/events?after=${after}`);
    source.onopen = () => {
      onLive(true);
      onChange(); // whatever happened between the first look and now
    };
    source.onerror = () => {
      onLive(false);
      onProgress(); // fails where the API is away, and so says since when the page is stale
      if (source?.readyState === EventSource.CLOSED) again();
    };
    const heard = (tell: () => void) => (event: MessageEvent) => {
      after = Number(event.lastEventId) || after;
      tell();
    };
    for (const kind of PROGRESS) source.addEventListener(kind, heard(onProgress));
    for (const kind of [...CHANGES, ...FILES]) source.addEventListener(kind, heard(onChange));
  };
  open();

  return () => {
    isStopped = true;
    clearTimeout(timer);
    source?.close();
  };
}

const isProgress = ([, , part]: readonly unknown[]): boolean => part !== "checkpoints" && part !== "history";
