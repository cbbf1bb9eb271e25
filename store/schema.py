"""The tables' version: `python -m store upgrade` brings a database to this code's, `check` compares."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from alembic import command

SCRIPTS = Path(__file__).parent.parent / "alembic"


def upgrade(database_url: str) -> None:
    """Applies what is missing, each migration in a transaction, one process at a time."""
    command.upgrade(_config(database_url), "head")


def is_current(database_url: str) -> bool:
    """Whether the database is exactly at this code's version."""
    wanted = ScriptDirectory.from_config(_config(database_url)).get_current_head()
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == wanted
    finally:
        engine.dispose()


def check(database_url: str) -> None:
    """Raises where the models say other tables than the migrations made."""
    command.check(_config(database_url))


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["database_url"] = database_url
    return config
