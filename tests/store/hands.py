"""Hands: real connections whose transactions a test opens, inspects and ends step by step, in one thread.

A verb that needs another hand's lock waits, as `pg_blocking_pids` shows, until that hand releases it.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from threading import Event
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from store.db.database import Database, libpq

Verb = Callable[[Session], Any]
LIMIT_S = 60
_LOOK_S = 0.003


class Hand:
    """A connection in a thread of its own."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, pool_size=1)
        self._thread = ThreadPoolExecutor(1)
        with self._database.transaction() as session:
            self.pid = session.scalar(text("SELECT pg_backend_pid()"))
        self._done: Future[Any] | None = None

    def start(self, verb: Verb) -> None:
        """Opens a transaction and runs the verb in it. Follow with `settle`."""
        self._arrived, self._decision = Event(), SimpleQueue[bool]()
        self._done = self._thread.submit(self._work, verb)

    @property
    def is_free(self) -> bool:
        return self._done is None

    @property
    def holds(self) -> bool:
        """The verb has returned or raised; what it wrote is not committed."""
        return self._done is not None and self._arrived.is_set()

    @property
    def works(self) -> bool:
        """The verb is running, or waits for a lock. Checks for a moment."""
        return self._done is not None and not self._arrived.wait(_LOOK_S)

    def finish(self, *, commit: bool) -> Any:
        """Ends the transaction and returns the verb's result; None after a rollback. Raises the verb's error."""
        assert self._done is not None
        self._decision.put(commit)
        done, self._done = self._done, None
        return done.result(LIMIT_S)

    def close(self) -> None:
        self._thread.shutdown()
        self._database.close()

    def _work(self, verb: Verb) -> Any:
        try:
            with self._database.transaction() as session:
                answer = verb(session)
                session.flush()  # as the commit would do; by now every lock is taken
                self._arrived.set()
                if self._decision.get():
                    return answer
                session.rollback()
                return None
        finally:
            self._arrived.set()


class Hands:
    """Several hands on one database, and a connection (`eye`) that reads what is committed."""

    def __init__(self, url: str, count: int) -> None:
        self.all = [Hand(url) for _ in range(count)]
        self.eye = psycopg.connect(libpq(url), autocommit=True)

    def settle(self) -> None:
        """Until every hand is free, holds, or waits for another hand's lock."""
        deadline = time.monotonic() + LIMIT_S
        while working := {hand.pid for hand in self.all if hand.works}:
            if working <= self._blocked(working):
                return
            assert time.monotonic() < deadline, "a verb neither ends nor waits for a lock"

    def drop(self) -> None:
        """Rolls back all transactions."""
        while under_way := [hand for hand in self.all if not hand.is_free]:
            self.settle()
            for hand in under_way:
                if hand.holds:
                    with suppress(Exception):  # the verb's own error doesn't matter here
                        hand.finish(commit=False)

    def _blocked(self, pids: Iterable[int | None]) -> set[int | None]:
        query = "SELECT pid FROM unnest(%s::int[]) pid WHERE cardinality(pg_blocking_pids(pid)) > 0"
        return {pid for (pid,) in self.eye.execute(query, (list(pids),))}

    def close(self) -> None:
        self.eye.close()
        for hand in self.all:
            hand.close()
