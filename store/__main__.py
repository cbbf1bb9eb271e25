"""`python -m store upgrade | check`, for the database that RESLAB_DATABASE_URL names."""

import sys

from store import schema
from store.settings import Settings

VERBS = {"upgrade": schema.upgrade, "check": schema.check}


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in VERBS:
        sys.exit("usage: python -m store upgrade | check")
    VERBS[sys.argv[1]](Settings().database_url)  # pyright: ignore (read from the environment)


if __name__ == "__main__":
    main()
