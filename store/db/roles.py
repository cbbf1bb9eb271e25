"""What each kind of process may do with the tables: a Postgres role each, granted anew after every upgrade.

The api may read and write every row. A worker, which stands beside code that trains, may do what its verbs do
(`attempts`, `artifacts`) and no more: it makes and deletes no run, changes no spec, and sees no key. Control may do
what its own need. None may change a table.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

import psycopg
from psycopg import sql

from store.db.database import libpq

Process = Literal["api", "control", "worker"]
PROCESSES: Final[tuple[Process, ...]] = get_args(Process)

_ROW: Final = "SELECT, INSERT, UPDATE, DELETE"
# The end of an attempt, whoever writes it.
_ENDED: Final = (
    "UPDATE (status, reason, message, stop_request, failures, rung_at, not_before, finished_at, last_seq)",
    "SELECT",
)
_GRANTS: Final[dict[Process, dict[str, tuple[str, ...]]]] = {
    "api": {},  # every table, also the next one
    "control": {
        "runs": _ENDED,
        "attempts": ("SELECT", "UPDATE (ended_at, outcome)"),
        "events": ("SELECT", "INSERT"),
        "step_chunks": (_ROW,),
        "workers": ("SELECT", "UPDATE (run_id)", "DELETE"),
        "artifacts": ("SELECT", "UPDATE (missing_at)"),
        "datasets": ("SELECT",),
        "sessions": ("SELECT", "DELETE"),
    },
    "worker": {
        "runs": (
            *_ENDED,
            "UPDATE (fence, queue, started_at, iteration, images_per_s, train_error)",
            "UPDATE (val_error, best_val_error, best_val_iteration, test_error, best_test_error)",
        ),
        "attempts": ("SELECT", "INSERT", "UPDATE (lease_until, last_batch, ended_at, outcome)"),
        "events": ("SELECT", "INSERT"),
        **dict.fromkeys(("step_chunks", "sample_chunks", "evaluations", "artifacts", "workers"), (_ROW,)),
        **dict.fromkeys(("logs", "log_chunks"), ("SELECT, INSERT, UPDATE",)),
        "datasets": ("SELECT",),
    },
}


def role(process: Process) -> str:
    return f"reslab_{process}"


def grant(database_url: str, passwords: Mapping[Process, str]) -> None:
    """Makes the roles that there are passwords for, sets these, and grants each exactly what is said above.

    `database_url` is the owner's, who may make roles; roles are the whole server's, and the rights are this database's.
    """
    with psycopg.connect(libpq(database_url)) as connection:
        # Two upgrades at once would trip over each other's rights.
        connection.execute("SELECT pg_advisory_xact_lock(20151211)")
        for process, password in passwords.items():
            _make(connection, role(process), password)
            _allow(connection, role(process), _GRANTS[process])


def url(database_url: str, process: Process, password: str) -> str:
    """The same database as this process's own role."""
    scheme, _, rest = database_url.partition("://")
    return f"{scheme}://{role(process)}:{password}@{rest.rpartition('@')[2]}"


def _make(connection: psycopg.Connection, name: str, password: str) -> None:
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    verb = sql.SQL("CREATE" if known is None else "ALTER")
    made = sql.SQL("{} ROLE {} LOGIN NOINHERIT PASSWORD {}").format(verb, sql.Identifier(name), sql.Literal(password))
    connection.execute(made)


def _allow(connection: psycopg.Connection, name: str, grants: Mapping[str, tuple[str, ...]]) -> None:
    who = sql.Identifier(name)
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(who))
    connection.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(who))
    if not grants:
        connection.execute(sql.SQL(f"GRANT {_ROW} ON ALL TABLES IN SCHEMA public TO {{}}").format(who))
    for table, rights in grants.items():
        granted = sql.SQL(f"GRANT {', '.join(rights)} ON {{}} TO {{}}")
        connection.execute(granted.format(sql.Identifier(table), who))
