// The one file that streams: events of a page's runs, over the tab's one EventSource.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { throttle } from "../../throttle";
import type { News } from "../types";
import { EVERYTHING, touches } from "./news";

// What has changed is fetched again at most this often.
const REFRESH_MS = 500;
// A browser reconnects by itself after a cut, but not after an answer that isn't a stream, such as a 503.
const REOPEN_MS = 2000;
// The API sends a heartbeat every 15 s: a link that is silent for longer than this is dead, even without an error.
const SILENCE_MS = 40_000;

/** `cutAt` in milliseconds; undefined where the page needs no stream. */
export type Link = "opening" | "live" | { cutAt: number } | undefined;

/** Fetches what is cached about these runs, or about all, again whenever something happens to them. */
export function useStream(runs: readonly string[], isEnabled = true): Link {
  const queries = useQueryClient();
  const [link, setLink] = useState<Link>();
  const ids = runs.join(); // a new list of the same runs must not open a new stream
  useEffect(() => {
    if (!isEnabled) return;
    let waiting: News[] = [];
    const refresh = throttle(() => {
      const batch = waiting;
      waiting = [];
      queries.invalidateQueries({
        predicate: ({ queryKey }) => batch.some((news) => touches(news, queryKey)),
      });
    }, REFRESH_MS);
    const onNews = (news: News) => {
      waiting.push(news);
      refresh.call();
    };
    const close = follow(ids ? ids.split(",") : [], { onNews, onLink: setLink });
    return () => {
      close();
      refresh.stop();
      setLink(undefined);
      // The last run may have ended since the last refresh.
      queries.invalidateQueries({ predicate: ({ queryKey }) => touches(EVERYTHING, queryKey) });
    };
  }, [ids, isEnabled, queries]);
  return link;
}

type Listener = { onNews: (news: News) => void; onLink: (link: Link) => void };

/** Follows runs from now on; after a cut, from the last message. Returns a function that stops it. */
function follow(runs: readonly string[], { onNews, onLink }: Listener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let position = "";
  let heardAt = Date.now();

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const reopen = (afterMs: number) => {
    close();
    timer = setTimeout(open, afterMs);
  };
  const onMessage = (event: MessageEvent) => {
    position = event.lastEventId || position;
    heardAt = Date.now();
    clearTimeout(timer);
    timer = setTimeout(cut, SILENCE_MS);
    onLink("live");
  };
  const cut = () => {
    onLink({ cutAt: heardAt });
    onNews(EVERYTHING); // fetches again; where the API is away, the failure shows the page as stale
    if (source?.readyState !== EventSource.CONNECTING) reopen(REOPEN_MS);
  };
  const open = () => {
    const query = new URLSearchParams(runs.map((run) => ["run", run]));
    if (position) query.set("after", position);
    source = new EventSource(`/api/v1/events?${query}`);
    source.onopen = () => onNews(EVERYTHING); // for what happened since the page first fetched
    source.onerror = cut;
    source.addEventListener("heartbeat", onMessage);
    source.addEventListener("news", (event) => {
      onMessage(event);
      onNews(JSON.parse(event.data));
    });
  };
  // A browser allows a site six connections for all its tabs: only a visible tab keeps one.
  const onVisibility = () => (document.hidden ? close() : source || open());
  document.addEventListener("visibilitychange", onVisibility);
  onLink("opening");
  onVisibility();

  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    close();
  };
}
