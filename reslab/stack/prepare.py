"""A process that migrates the database, registers the home's token, returns runs of dead workers, and ends.

It imports its libraries while PostgreSQL starts and then reads the URL from stdin, which makes the start faster. A
process of its own frees their memory afterwards.
"""

import json
import sys

from store import workers
from store.db import roles, schema
from store.db.database import Database
from store.db.revision import NewerTables
from store.people import keys

GONE = "the service was stopped before its worker could return it"


def main() -> None:
    """Reads `{"database_url": …, "role_passwords": {…}, "token": …, "owner": …}` from stdin."""
    start = json.loads(sys.stdin.read())
    try:
        schema.upgrade(start["database_url"])
    except NewerTables as error:
        sys.exit(str(error))
    roles.grant(start["database_url"], start["role_passwords"])
    database = Database(start["database_url"])
    with database.transaction() as session:
        keys.ensure(session, start["token"], name="local stack", owner=start["owner"])
        # A worker returns its run when it is told to stop, but on a busy machine its time to do so may end first.
        workers.bury(session, workers.is_gone, GONE)
    database.close()


if __name__ == "__main__":
    main()
