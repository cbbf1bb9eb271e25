// The one file that streams: what happens to the runs of a page, over the one EventSource of its tab.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { paced } from "../pace";
import type { News } from "./client";
import { EVERYTHING, touches } from "./news";

// What has changed is asked for again at most this often.
const ASK_MS = 500;
// A browser reconnects by itself after a cut, but not after an answer that is no stream, such as a 503.
const REOPEN_MS = 2000;
// The API says something every 15 s: a link that is silent for longer than this is dead, though nobody has said so.
const SILENCE_MS = 40_000;

/** `cut` since a time in milliseconds; undefined where no stream is wanted. */
export type Link = "opening" | "live" | { cutAt: number } | undefined;

/** Asks again for what is kept of these runs, or of all, whenever something happens to them. */
export function useStream(runs: readonly string[], isWanted = true): Link {
  const queries = useQueryClient();
  const [link, setLink] = useState<Link>();
  const wanted = runs.join(); // a new list of the same runs is no new stream
  useEffect(() => {
    if (!isWanted) return;
    let waiting: News[] = [];
    const asking = paced(() => {
      const told = waiting;
      waiting = [];
      queries.invalidateQueries({
        predicate: ({ queryKey }) => told.some((news) => touches(news, queryKey)),
      });
    }, ASK_MS);
    const onNews = (news: News) => {
      waiting.push(news);
      asking.call();
    };
    const close = follow(wanted ? wanted.split(",") : [], { onNews, onLink: setLink });
    return () => {
      close();
      asking.stop();
      setLink(undefined);
      // The last run may have ended between two asks.
      queries.invalidateQueries({ predicate: ({ queryKey }) => touches(EVERYTHING, queryKey) });
    };
  }, [wanted, isWanted, queries]);
  return link;
}

type Listener = { onNews: (news: News) => void; onLink: (link: Link) => void };

/** Follows runs from now on; after a cut, from the last message that came. Answers how to stop. */
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
  const heard = (event: MessageEvent) => {
    position = event.lastEventId || position;
    heardAt = Date.now();
    clearTimeout(timer);
    timer = setTimeout(cut, SILENCE_MS);
    onLink("live");
  };
  const cut = () => {
    onLink({ cutAt: heardAt });
    onNews(EVERYTHING); // fails where the API is away, and so says since when the page is stale
    if (source?.readyState !== EventSource.CONNECTING) reopen(REOPEN_MS);
  };
  const open = () => {
    const query = new URLSearchParams(runs.map((run) => ["run", run]));
    if (position) query.set("after", position);
    source = new EventSource(`/api/v1/events?${query}`);
    source.onopen = () => onNews(EVERYTHING); // whatever happened between the page's first look and now
    source.onerror = cut;
    source.addEventListener("heartbeat", heard);
    source.addEventListener("news", (event) => {
      heard(event);
      onNews(JSON.parse(event.data));
    });
  };
  // A browser lends a site six connections, for all of its tabs: only what somebody looks at has one.
  const look = () => (document.hidden ? close() : source || open());
  document.addEventListener("visibilitychange", look);
  onLink("opening");
  look();

  return () => {
    document.removeEventListener("visibilitychange", look);
    close();
  };
}
