"""A run's events, followed until the run has ended."""

import json
import time
from collections.abc import Iterator

import httpx
from httpx_sse import connect_sse

from reslab.client.connection import Connection, check
from reslab.client.schema import Event, Events, Run

FINAL_STATES = frozenset({"succeeded", "failed", "cancelled"})
_RECONNECT_S = 1.0
_LONGEST_OUTAGE_S = 60.0


def follow(connection: Connection, run_id: str, after: int) -> Iterator[Event]:
    """Every event after number `after`, exactly once. Reconnects; raises httpx.TransportError after a minute."""
    last, cut_at = after, time.monotonic()
    while True:
        try:
            for event in _stream(connection, run_id, last):
                last, cut_at = event.seq, time.monotonic()
                yield event
                if event.kind in FINAL_STATES:
                    return
            if _has_ended(connection, run_id, last):
                return
        except httpx.TransportError:
            if time.monotonic() - cut_at > _LONGEST_OUTAGE_S:
                raise
        time.sleep(_RECONNECT_S)


def _stream(connection: Connection, run_id: str, after: int) -> Iterator[Event]:
    headers = {"Last-Event-ID": str(after)}
    with connect_sse(connection.http, "GET", f"/runs/{run_id}/events", headers=headers) as source:
        check(source.response)
        for message in source.iter_sse():
            if message.data:
                yield Event.model_validate(json.loads(message.data))


def _has_ended(connection: Connection, run_id: str, last: int) -> bool:
    """Whether the run has ended and has no event after number `last`."""
    if connection.get(Run, f"/runs/{run_id}").status not in FINAL_STATES:
        return False
    return not connection.get(Events, f"/runs/{run_id}/events", after=last).items
