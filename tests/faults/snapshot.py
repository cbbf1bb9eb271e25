"""What is to be judged: every row, the hash of every object that a row names, and what the client saw.

Taken from a live stack, or read back from the file that a failing test left.
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
    """One request of the client and its answer; `status` is None where none came."""

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
        """Done or refused: to ask again would change nothing."""
        return self.status is not None and self.status < 500


@dataclass(frozen=True)
class Snapshot:
    """`tables` holds lists of rows as JSON has them; `objects` the SHA-256 by key, None where there is no object."""

    tables: dict[str, list[Row]]
    calls: list[Call] = field(default_factory=list)
    objects: dict[str, str | None] | None = None  # None: nobody looked
    about: Row = field(default_factory=dict)  # seed, faults, …: for who reads the file

    def rows(self, table: str, run_id: str | None = None) -> list[Row]:
        rows = self.tables[table]
        return rows if run_id is None else [row for row in rows if row["run_id"] == run_id]

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(dataclasses.asdict(self)))


def read(file: Path) -> Snapshot:
    told = json.loads(file.read_text())
    return Snapshot(told["tables"], [Call(**call) for call in told["calls"]], told["objects"], told["about"])


def tables(connection: psycopg.Connection[Any]) -> dict[str, list[Row]]:
    """All rows of one instant: a single statement sees a single snapshot."""
    part = SQL("{}, (SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM {} t)")
    parts = [part.format(name, Identifier(name)) for name in TABLES]
    found = connection.execute(SQL("SELECT jsonb_build_object({})").format(SQL(", ").join(parts))).fetchone()
    assert found is not None
    return {name: [_plain(row) for row in rows] for name, rows in found[0].items()}


def hashes(store: Objects, artifacts: list[Row]) -> dict[str, str | None]:
    """What lies in the object store under the keys that the rows name."""
    return {row["key"]: _hash(store, row["key"]) for row in artifacts}


def _plain(row: Row) -> Row:
    """Columns of float32 as numbers: Postgres gives bytes as hex."""
    packed = {name: value for name, value in row.items() if isinstance(value, str) and value.startswith("\\x")}
    return row | {name: list(unpack(bytes.fromhex(value[2:]))) for name, value in packed.items()}


def _hash(store: Objects, key: str) -> str | None:
    hashed = hashlib.sha256()
    try:
        for part in store.read(key):
            hashed.update(part)
    except NotFound:
        return None
    return hashed.hexdigest()
