"""`python -m benchmarks.migrations`: how long each migration takes on 100,000 runs, and how long it blocks others.

It fills today's tables, goes back to an earlier version, and upgrades again, one migration at a time, while one client
reads a run and another writes one. It starts a PostgreSQL of its own, with fsync off. Prints a table for
docs/experiments.md.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic.script import ScriptDirectory

from alembic import command
from reslab.stack.servers import postgres_server
from store.db import schema
from store.db.database import Database, libpq
from store.runs import verbs
from store.runs.verbs import Submission
from tests.e2e.sown import copy
from trainer.plan import plan
from trainer.spec import RunSpec

SPEC = RunSpec(depth=8, shortcut="A", dataset="synthetic", iterations=1)
READ = "SELECT id, name, status FROM runs ORDER BY created_at DESC LIMIT 50"
WRITE = "UPDATE runs SET notes = 'x' WHERE id = (SELECT id FROM runs LIMIT 1)"


class Client:
    """Repeats a statement on a connection of its own, and remembers the longest answer."""

    def __init__(self, url: str, statement: str) -> None:
        self._url, self._statement = url, statement
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.longest_s = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _work(self) -> None:
        with psycopg.connect(libpq(self._url), autocommit=True) as connection:
            while not self._ended.wait(0.005):
                start = time.monotonic()
                connection.execute(self._statement.encode())
                self.longest_s = max(self.longest_s, time.monotonic() - start)


@contextmanager
def clients(url: str) -> Iterator[tuple[Client, Client]]:
    both = Client(url, READ), Client(url, WRITE)
    for client in both:
        client.start()
    try:
        yield both
    finally:
        for client in both:
            client.stop()


def fill(url: str, runs: int) -> None:
    database = Database(url)
    with database.transaction() as session:
        run, _ = verbs.create(session, Submission(SPEC, plan(SPEC, classes=10), "ann"))
    copy(database, run.id, runs - 1)
    database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[2])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--since", default="0013", help="the earlier version (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres_server(Path(folder)) as url:
        schema.upgrade(url)
        fill(url, options.runs)
        config = schema.config(url)
        command.downgrade(config, options.since)
        script = ScriptDirectory.from_config(config)
        ahead = [revision.revision for revision in script.walk_revisions(options.since, "head")][-2::-1]
        print("| migration | seconds | longest read | longest write |\n|---|---|---|---|")
        for revision in ahead:
            with clients(url) as (reader, writer):
                time.sleep(0.5)
                start = time.monotonic()
                command.upgrade(config, revision)
                took_s = time.monotonic() - start
            print(f"| {revision} | {took_s:.2f} | {reader.longest_s:.2f} s | {writer.longest_s:.2f} s |", flush=True)


if __name__ == "__main__":
    main()
