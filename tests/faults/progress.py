"""Progress: how many runs are open and when something was last trained, seen from beside the stack."""

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import psycopg

from store.db.database import libpq

_LOOK_S = 0.1
_SEEN = """
SELECT count(*) FILTER (WHERE status IN ('queued', 'running')), sum(iteration), sum(fence) FROM runs
"""


class Progress:
    """A thread that looks ten times a second, as long as the database answers."""

    def __init__(self, database_url: str) -> None:
        self._url = libpq(database_url)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_until_ended, name="progress", daemon=True)
        self._moved_at: list[float] = []  # when a run had moved
        self._idle_at: list[float] = []  # when no run was open
        self.open = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def recoveries_s(self, mended_at: Sequence[float]) -> list[float]:
        """From each mending to the next claim or iteration, or to the next moment in which there was nothing to do."""
        alive = sorted(self._moved_at + self._idle_at)
        found = (next((at - mended for at in alive if at > mended), None) for mended in mended_at)
        return [seconds for seconds in found if seconds is not None]

    def _look_until_ended(self) -> None:
        while not self._ended.wait(_LOOK_S):
            try:
                with psycopg.connect(
                    self._url, autocommit=True, connect_timeout=2, tcp_user_timeout=2000
                ) as connection:
                    self._look(connection)
            except psycopg.OperationalError:
                continue

    def _look(self, connection: psycopg.Connection) -> None:
        before = None
        while not self._ended.wait(_LOOK_S):
            self.open, *now = connection.execute(_SEEN).fetchone() or (0, 0, 0)
            if before is not None and now != before:
                self._moved_at.append(time.monotonic())
            if not self.open:
                self._idle_at.append(time.monotonic())
            before = now
