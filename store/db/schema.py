"""The version of the tables: `python -m store upgrade` brings it up to date, `check` compares it with the models."""

from pathlib import Path

from alembic.config import Config

from alembic import command

SCRIPTS = Path(__file__).parents[2] / "alembic"


def upgrade(database_url: str) -> None:
    """Applies the missing migrations, each in a transaction, one process at a time."""
    command.upgrade(_config(database_url), "head")


def check(database_url: str) -> None:
    """Raises if the models and the migrations differ."""
    command.check(_config(database_url))


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["database_url"] = database_url
    return config
