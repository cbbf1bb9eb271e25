"""Runs migrations on the database that `store.db.schema` chooses, under a lock: one process at a time."""

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from alembic import context
from store.db.models import Base
from store.db.settings import Settings

# Any number that no other program uses as a lock.
MIGRATION_LOCK = 20151210


def database_url() -> str:
    url = context.config.attributes.get("database_url")
    return url or Settings().database_url


def main() -> None:
    # Without a pool, the connection ends with its block, also when a migration raises, and its lock ends with it.
    engine = create_engine(database_url(), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({MIGRATION_LOCK})"))
        connection.commit()
        context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})"))
        connection.commit()


main()
