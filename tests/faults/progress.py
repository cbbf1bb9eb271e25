"""Progress: how many runs are open and when one of them last moved, observed through a connection of its own."""

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import psycopg

from store.db.database import libpq

_POLL_S = 0.1
_QUERY = """
SELECT count(*) FILTER (WHERE status IN ('queued', 'running')), sum(iteration), sum(fence) FROM runs
"""


class Progress:
    """A thread that polls ten times a second while the database answers."""

    def __init__(self, database_url: str) -> None:
        self._url = libpq(database_url)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._poll_until_ended, name="progress", daemon=True)
        self._moved_at: list[float] = []  # when some run had moved since the last poll
        self._idle_at: list[float] = []  # when no run was open
        self.open = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def recoveries_s(self, repaired_at: Sequence[float]) -> list[float]:
        """Seconds from each repair to the next claim or iteration of any run, or until there are no open runs."""
        signs_at = sorted(self._moved_at + self._idle_at)
        waits_s = (next((at - start for at in signs_at if at > start), None) for start in repaired_at)
        return [wait_s for wait_s in waits_s if wait_s is not None]

    def _poll_until_ended(self) -> None:
        while not self._ended.wait(_POLL_S):
            try:
                with psycopg.connect(
                    self._url, autocommit=True, connect_timeout=2, tcp_user_timeout=2000
                ) as connection:
                    self._poll(connection)
            except psycopg.OperationalError:
                continue

    def _poll(self, connection: psycopg.Connection) -> None:
        before = None
        while not self._ended.wait(_POLL_S):
            self.open, *now = connection.execute(_QUERY).fetchone() or (0, 0, 0)
            if before is not None and now != before:
                self._moved_at.append(time.monotonic())
            if not self.open:
                self._idle_at.append(time.monotonic())
            before = now
