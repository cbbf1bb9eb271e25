"""The data for the checker: every row, the hash of every object that a row names, and the client's calls.

Taken from a live stack, or read from the file that a failing test has saved.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from store.curves.write import unpack
from store.db.errors import NotFound
from store.db.objects import Objects

Row = dict[str, Any]
TABLES = ("runs", "idempotency_keys", "attempts", "events", "step_chunks", "evaluations", "artifacts", "workers")


@dataclass(frozen=True)
class Call:
    """One request of the client and its answer; `status` is None if no answer came."""

    verb: str
    status: int | None
    run_id: str | None = None
    key: str | None = None
    at_s: float = 0

    @property
    def confirmed(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def settled(self) -> bool:
        """Done or refused: repeating the request would change nothing."""
        return self.status is not None and self.status < 500


@dataclass(frozen=True)
class Snapshot:
    """`tables` are lists of rows in their JSON form; `objects` are SHA-256 by key, None for a missing object."""

    tables: dict[str, list[Row]]
    calls: list[Call] = field(default_factory=list)
    objects: dict[str, str | None] | None = None  # None: not checked
    about: Row = field(default_factory=dict)  # seed, faults, …: for the reader of a saved file

    def rows(self, table: str, run_id: str | None = None) -> list[Row]:
        rows = self.tables[table]
        return rows if run_id is None else [row for row in rows if row["run_id"] == run_id]

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(dataclasses.asdict(self)))


def read(file: Path) -> Snapshot:
    body = json.loads(file.read_text())
    return Snapshot(body["tables"], [Call(**call) for call in body["calls"]], body["objects"], body["about"])


def tables(connection: psycopg.Connection[Any]) -> dict[str, list[Row]]:
    """All rows at one moment: a single statement sees a single snapshot of the database."""
    part = SQL("{}, (SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM {} t)")
    parts = [part.format(name, Identifier(name)) for name in TABLES]
    result = connection.execute(SQL("SELECT jsonb_build_object({})").format(SQL(", ").join(parts))).fetchone()
    assert result is not None
    return {name: [_plain(row) for row in rows] for name, rows in result[0].items()}


def hashes(store: Objects, artifacts: list[Row]) -> dict[str, str | None]:
    """The hashes of the objects that the rows name; None for a missing object."""
    return {row["key"]: _hash(store, row["key"]) for row in artifacts}


def _plain(row: Row) -> Row:
    """Unpacks float32 columns, which Postgres returns as hexadecimal bytes."""
    packed = {name: value for name, value in row.items() if isinstance(value, str) and value.startswith("\\x")}
    return row | {name: list(unpack(bytes.fromhex(value[2:]))) for name, value in packed.items()}


def _hash(store: Objects, key: str) -> str | None:
    digest = hashlib.sha256()
    try:
        for part in store.read(key):
            digest.update(part)
    except NotFound:
        return None
    return digest.hexdigest()
