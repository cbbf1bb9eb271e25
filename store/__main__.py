"""`python -m store upgrade | check | key | health | collect | backup | restore`: commands for operators and containers.

RESLAB_DATABASE_URL names the database; `collect`, `backup` and `restore` also need RESLAB_STORAGE_URL.
"""

import argparse
import socket
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from store import workers
from store.db.database import Database
from store.db.errors import StoreError
from store.db.settings import Settings
from store.people import keys
from store.people.rights import SCOPES


def main(arguments: list[str] | None = None) -> int:
    """Runs a command and returns its exit code: 0 for success."""
    parser = argparse.ArgumentParser(
        prog="python -m store", description="Manage the database. Configured by RESLAB_… variables."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("upgrade", help="upgrade the tables to this version of the code")
    command.set_defaults(run=_upgrade)
    command = commands.add_parser("check", help="fail if the migrations and the models differ")
    command.set_defaults(run=_check)
    command = commands.add_parser("key", help="create an API key and print it once")
    command.add_argument("--owner", required=True, help="the owner of its runs; the queue is fair between owners")
    command.add_argument("--name", default="created by hand", help="what the key is for (%(default)s)")
    command.add_argument("--scope", choices=SCOPES, action="append", help="may be repeated; default: all scopes")
    command.set_defaults(run=_key)
    command = commands.add_parser("health", help="fail if this host's process is not working")
    command.add_argument("process", choices=("control", "worker"))
    command.set_defaults(run=_health)
    command = commands.add_parser(
        "collect", help="delete objects that no row names, and report rows whose object is missing"
    )
    command.add_argument(
        "--older-than",
        type=float,
        default=24,
        metavar="HOURS",
        help="only objects older than this (%(default)s)",
    )
    command.set_defaults(run=_collect)
    for verb, run, does in (
        ("backup", _backup, "copy the rows and the objects into a folder; again into the same one copies what is new"),
        ("restore", _restore, "bring a backup into an empty database and the object store"),
        ("check-backup", _check_backup, "read every byte of a backup and fail if something is missing or damaged"),
    ):
        command = commands.add_parser(verb, help=does)
        command.add_argument("folder", type=Path)
        command.set_defaults(run=run)
    options = parser.parse_args(arguments)
    code: int = options.run(options, Settings())
    return code


def _upgrade(_: argparse.Namespace, settings: Settings) -> int:
    from store.db import roles, schema  # a health check doesn't need Alembic
    from store.db.revision import NewerTables

    try:
        schema.upgrade(settings.database_url)
    except NewerTables as error:
        sys.exit(str(error))
    passwords: dict[roles.Process, str | None] = {
        "api": settings.api_password,
        "control": settings.control_password,
        "worker": settings.worker_password,
    }
    roles.grant(settings.database_url, {process: password for process, password in passwords.items() if password})
    return 0


def _check(_: argparse.Namespace, settings: Settings) -> int:
    from store.db import schema

    schema.check(settings.database_url)
    return 0


def _key(options: argparse.Namespace, settings: Settings) -> int:
    token = keys.new_token()
    with Database(settings.database_url, pool_size=1).transaction() as session:
        keys.create(session, token, name=options.name, owner=options.owner, scopes=tuple(options.scope or SCOPES))
    print(token)
    return 0


def _collect(options: argparse.Namespace, settings: Settings) -> int:
    from store.db import collection
    from store.db.objects import Objects

    database, objects = Database(settings.database_url, pool_size=1), Objects(settings.storage_url)
    collected = collection.collect(database, objects, timedelta(hours=options.older_than))
    for key in collected.removed:
        print(f"removed {key}")
    for key in collected.missing:
        print(f"missing {key}")
    return 1 if collected.missing else 0


def _backup(options: argparse.Namespace, settings: Settings) -> int:
    from store.db import backup
    from store.db.objects import Objects

    try:
        taken = backup.back_up(settings.database_url, Objects(settings.storage_url), options.folder)
    except StoreError as error:
        sys.exit(str(error))
    print(
        f"{len(taken.objects):,} objects and the rows of {taken.taken_at:%Y-%m-%d %H:%M:%S} UTC are in {options.folder}"
    )
    return 0


def _restore(options: argparse.Namespace, settings: Settings) -> int:
    from store.db import backup
    from store.db.objects import Objects

    try:
        taken = backup.restore(settings.database_url, Objects(settings.storage_url), options.folder)
    except StoreError as error:
        sys.exit(str(error))
    print(f"restored {taken}")
    return 0


def _check_backup(options: argparse.Namespace, _: Settings) -> int:
    from store.db import backup

    try:
        damaged = backup.problems(options.folder)
    except StoreError as error:
        sys.exit(str(error))
    print("\n".join(damaged) or "whole")
    return 1 if damaged else 0


def _health(options: argparse.Namespace, settings: Settings) -> int:
    """Control is healthy if any control process leads; a worker is, if it sent a heartbeat within a lease."""
    try:
        with Database(settings.database_url, pool_size=1).transaction() as session:
            if options.process == "control":
                healthy = workers.has_leader(session)
            else:
                alive = workers.alive(session, settings.lease_s)
                healthy = any(worker.host == socket.gethostname() for worker in alive)
    except DBAPIError as error:
        print(f"can't reach the database: {error.orig}", file=sys.stderr)
        return 1
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main())
