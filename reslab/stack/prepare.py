"""A process that migrates the database, registers the home's token, and ends.

It imports its libraries while PostgreSQL starts and then reads the URL from stdin, which makes the start faster. A
process of its own frees their memory afterwards.
"""

import json
import sys

from store import keys
from store.db import roles, schema
from store.db.database import Database


def main() -> None:
    """Reads `{"database_url": …, "role_passwords": {…}, "token": …, "owner": …}` from stdin."""
    start = json.loads(sys.stdin.read())
    schema.upgrade(start["database_url"])
    roles.grant(start["database_url"], start["role_passwords"])
    database = Database(start["database_url"])
    with database.transaction() as session:
        keys.ensure(session, start["token"], name="local stack", owner=start["owner"])
    database.close()


if __name__ == "__main__":
    main()
