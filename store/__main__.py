"""`python -m store upgrade | check | key | health | collect`: what an operator or a container does with the tables.

RESLAB_DATABASE_URL names it; `collect` needs RESLAB_STORAGE_URL, too.
"""

import argparse
import socket
import sys
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from store import keys, workers
from store.db.database import Database
from store.db.settings import Settings
from store.keys import SCOPES


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0 where it is done or true."""
    parser = argparse.ArgumentParser(prog="python -m store", description="Configured by RESLAB_… variables.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("upgrade", help="bring the tables to this code's version")
    command.set_defaults(run=_upgrade)
    command = commands.add_parser("check", help="fail where the migrations make other tables than the models describe")
    command.set_defaults(run=_check)
    command = commands.add_parser("key", help="make an API key and print it, once")
    command.add_argument("--owner", required=True, help="whose runs it makes; the queue is fair between owners")
    command.add_argument("--name", default="made by hand", help="what the key is for (%(default)s)")
    command.add_argument("--scope", choices=SCOPES, action="append", help="may be given again; default: all of them")
    command.set_defaults(run=_key)
    command = commands.add_parser("health", help="fail where the process of this host does not do its work")
    command.add_argument("process", choices=("control", "worker"))
    command.set_defaults(run=_health)
    command = commands.add_parser(
        "collect", help="remove objects that no row names, and report rows whose object is gone"
    )
    command.add_argument(
        "--older-than", type=float, default=24, metavar="HOURS", help="removed only then (%(default)s)"
    )
    command.set_defaults(run=_collect)
    options = parser.parse_args(arguments)
    code: int = options.run(options, Settings())
    return code


def _upgrade(_: argparse.Namespace, settings: Settings) -> int:
    from store.db import roles, schema  # a health check does without Alembic

    schema.upgrade(settings.database_url)
    given = {process: getattr(settings, f"{process}_password") for process in roles.PROCESSES}
    roles.grant(settings.database_url, {process: password for process, password in given.items() if password})
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


def _health(options: argparse.Namespace, settings: Settings) -> int:
    """Of control: that one leads, this or the one it stands by for. Of a worker: that it was seen within a lease."""
    try:
        with Database(settings.database_url, pool_size=1).transaction() as session:
            if options.process == "control":
                healthy = workers.has_leader(session)
            else:
                alive = workers.alive(session, settings.lease_s)
                healthy = any(worker.host == socket.gethostname() for worker in alive)
    except DBAPIError as error:
        print(f"the database does not answer: {error.orig}", file=sys.stderr)
        return 1
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main())
