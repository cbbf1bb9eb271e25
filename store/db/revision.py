"""Refuses a database that a newer version has upgraded. Without Alembic, which no server needs."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from store.db.database import Database
from store.db.shipped import shipped

NEWER: Final = (
    "The database was upgraded by a newer version of Reslab, and this one can't read it. Start the newer"
    " version again, or restore a backup of the database from before the upgrade."
)


class NewerTables(Exception):
    """The tables are of a newer version than this code."""


def refuse_newer(database_url: str) -> None:
    """Raises NewerTables. A database that doesn't answer yet, or has no tables yet, is not refused."""
    database = Database(database_url, pool_size=1)
    try:
        with database.glance() as session:
            theirs = session.scalar(text("SELECT max(version_num) FROM alembic_version"))
    except SQLAlchemyError:
        return
    finally:
        database.close()
    if theirs is not None and theirs > ours():
        raise NewerTables(NEWER)


def ours() -> str:
    """The last migration of this version. Revisions are numbers of four digits."""
    return max(path.name[:4] for path in shipped("alembic/versions").glob("[0-9]*.py"))
