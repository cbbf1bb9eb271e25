"""The version of the tables: `python -m store upgrade` brings it up to date, `check` compares it with the models."""

from alembic.config import Config
from alembic.util import CommandError

from alembic import command
from store.db.revision import NEWER, NewerTables
from store.db.shipped import shipped


def upgrade(database_url: str) -> None:
    """Applies the missing migrations, each in a transaction, one process at a time. Raises NewerTables."""
    try:
        command.upgrade(config(database_url), "head")
    except CommandError as error:
        if "Can't locate revision" not in str(error):
            raise
        raise NewerTables(NEWER) from error


def check(database_url: str) -> None:
    """Raises if the models and the migrations differ."""
    command.check(config(database_url))


def config(database_url: str) -> Config:
    """Alembic's settings for our migrations on this database."""
    settings = Config()
    settings.set_main_option("script_location", str(shipped("alembic")))
    settings.attributes["database_url"] = database_url
    return settings
