"""The rights of each kind of process: a Postgres role for each, granted again after every upgrade.

The api may read and write every row. A worker runs next to training code, so it may only do what its verbs need
(`attempts`, `artifacts`): it can't create or delete a run, change a spec, or read a key. Control may only do what its
verbs need. No role may change a table.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

import psycopg
from psycopg import sql

from store.db.database import libpq

Process = Literal["api", "control", "worker"]
PROCESSES: Final[tuple[Process, ...]] = get_args(Process)

_ROW: Final = "SELECT, INSERT, UPDATE, DELETE"
_VERSION: Final[dict[str, tuple[str, ...]]] = {"alembic_version": ("SELECT",)}  # of the tables
# What ending an attempt takes, for control and workers.
_ENDED: Final = (
    "UPDATE (status, reason, message, stop_request, failures, rung_at, not_before, finished_at, last_seq)",
    "SELECT",
)
# Who has reached a quota, and booking the device time of an attempt that has ended.
_SPENDING: Final[dict[str, tuple[str, ...]]] = {
    "quotas": ("SELECT",),
    "usage": ("SELECT", "INSERT", "UPDATE (device_s)"),
}
_GRANTS: Final[dict[Process, dict[str, tuple[str, ...]]]] = {
    "api": {},  # all rights on every table, even a new one
    "control": {
        "runs": (*_ENDED, "UPDATE (archived_at)"),
        "attempts": ("SELECT", "UPDATE (ended_at, outcome)"),
        "events": ("SELECT", "INSERT"),
        "step_chunks": (_ROW,),
        "workers": ("SELECT", "UPDATE (run_id)", "DELETE"),
        "artifacts": ("SELECT", "UPDATE (missing_at)", "DELETE"),
        "retention_rules": ("SELECT",),
        "datasets": ("SELECT",),
        "start_weights": ("SELECT",),
        "sessions": ("SELECT", "DELETE"),
        "channels": ("SELECT", "UPDATE (paused_at)"),
        **dict.fromkeys(("notices", "deliveries", "notice_position"), (_ROW,)),
        **_SPENDING,
        **_VERSION,
    },
    "worker": {
        "runs": (
            *_ENDED,
            "UPDATE (fence, queue, started_at, iteration, images_per_s, train_error)",
            "UPDATE (val_error, best_val_error, best_val_iteration, test_error, best_test_error)",
            "UPDATE (val_map, best_val_map, test_map, best_test_map)",
        ),
        "attempts": ("SELECT", "INSERT", "UPDATE (lease_until, last_batch, ended_at, outcome, meeting, broken)"),
        "events": ("SELECT", "INSERT"),
        **dict.fromkeys(("step_chunks", "sample_chunks", "evaluations", "artifacts", "workers"), (_ROW,)),
        **dict.fromkeys(("logs", "log_chunks"), ("SELECT, INSERT, UPDATE",)),
        "datasets": ("SELECT",),
        "start_weights": ("SELECT",),
        "sample_sheets": ("SELECT, INSERT",),
        **_SPENDING,
        **_VERSION,
    },
}


def role(process: Process) -> str:
    return f"reslab_{process}"


def grant(database_url: str, passwords: Mapping[Process, str]) -> None:
    """Creates the roles that have a password, sets the passwords, and grants each role exactly the rights above.

    `database_url` is the owner's, who may create roles. Roles belong to the whole server, rights to this database.
    """
    with psycopg.connect(libpq(database_url)) as connection:
        # Two simultaneous upgrades would revoke each other's rights.
        connection.execute("SELECT pg_advisory_xact_lock(20151211)")
        for process, password in passwords.items():
            _create(connection, role(process), password)
            _allow(connection, role(process), _GRANTS[process])


def url(database_url: str, process: Process, password: str) -> str:
    """Returns the URL of the same database for this process's role."""
    scheme, _, rest = database_url.partition("://")
    return f"{scheme}://{role(process)}:{password}@{rest.rpartition('@')[2]}"


def _create(connection: psycopg.Connection, name: str, password: str) -> None:
    existing = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    verb = sql.SQL("CREATE" if existing is None else "ALTER")
    statement = sql.SQL("{} ROLE {} LOGIN NOINHERIT PASSWORD {}").format(
        verb, sql.Identifier(name), sql.Literal(password)
    )
    connection.execute(statement)


def _allow(connection: psycopg.Connection, name: str, grants: Mapping[str, tuple[str, ...]]) -> None:
    grantee = sql.Identifier(name)
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(grantee))
    connection.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(grantee))
    if not grants:
        connection.execute(sql.SQL(f"GRANT {_ROW} ON ALL TABLES IN SCHEMA public TO {{}}").format(grantee))
    for table, rights in grants.items():
        grant = sql.SQL(f"GRANT {', '.join(rights)} ON {{}} TO {{}}")
        connection.execute(grant.format(sql.Identifier(table), grantee))
