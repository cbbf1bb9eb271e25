"""A process of its own that brings the database up to date and registers the home's token, then ends.

It imports what it needs while PostgreSQL starts, and then waits to be told the URL: start-up is measured in
seconds, and the libraries' memory is given back.
"""

import json
import sys

from store import keys
from store.db import roles, schema
from store.db.database import Database


def main() -> None:
    """Reads `{"database_url": …, "role_passwords": {…}, "token": …, "owner": …}` from stdin."""
    told = json.loads(sys.stdin.read())
    schema.upgrade(told["database_url"])
    roles.grant(told["database_url"], told["role_passwords"])
    database = Database(told["database_url"])
    with database.transaction() as session:
        keys.ensure(session, told["token"], name="local stack", owner=told["owner"])
    database.close()


if __name__ == "__main__":
    main()
