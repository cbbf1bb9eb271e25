"""The connection to Postgres: transactions that one can see, and LISTEN/NOTIFY."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import psycopg
from sqlalchemy import create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DisconnectionError, InternalError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

# NOTIFY channels: payloads are a run's id, and nothing.
RUN_CHANGED = "reslab_run"
RUN_DELETED = "reslab_deleted"
LOG_CHANGED = "reslab_log"
QUEUE_CHANGED = "reslab_queue"

# Who is stopped in the middle of a transaction holds its locks: the server ends it, so that the run can be taken back.
# Nothing of ours is idle inside a transaction for longer than Python computes between two statements. Below the
# shortest lease (6 s, in tests): who takes the run over waits for the lease only.
IDLE_IN_TRANSACTION_S = 5
# A connection that was used a moment ago is taken to be alive; an older one is asked first.
_TRUSTED_S = 1.0

# A cut connection must be noticed well within a lease. tcp_user_timeout is in milliseconds.
_CONNECT = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=60s"
    f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_S}s",
}


class Database:
    """A pool of connections. Raises sqlalchemy.exc.OperationalError where Postgres is away."""

    def __init__(self, url: str, pool_size: int = 5) -> None:
        self.url = url
        self._engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size, connect_args=_CONNECT)
        event.listen(self._engine, "checkin", _note_use)
        event.listen(self._engine, "checkout", self._ask_the_old)
        event.listen(self._engine, "handle_error", _call_an_ended_session_an_outage)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commits at the end of the block, rolls back where it raises. Nothing slow belongs inside."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin() as transaction:
            yield session
            if transaction.is_active:
                _wake(session)

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """For one statement that only reads: it needs no BEGIN and no COMMIT, two round trips less."""
        with Session(self._engine.execution_options(isolation_level="AUTOCOMMIT")) as session:
            yield session

    def _ask_the_old(self, connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        """SQLAlchemy's own pre-ping asks every time, which is a tenth of what a POST spends in Postgres."""
        if time.monotonic() - record.info.get("used_at", float("inf")) < _TRUSTED_S:
            return
        try:
            self._engine.dialect.do_ping(connection)
        except psycopg.Error as error:
            raise DisconnectionError from error  # the pool makes another one

    def close(self) -> None:
        self._engine.dispose()


def _note_use(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _call_an_ended_session_an_outage(context: ExceptionContext) -> None:
    """To psycopg a session that the server ended for standing still is an InternalError: a defect, to every caller."""
    if context.is_disconnect and isinstance(context.sqlalchemy_exception, InternalError):
        raise OperationalError(
            context.statement, context.parameters, context.original_exception, connection_invalidated=True
        ) from context.original_exception


def notify(session: Session, channel: str, payload: str = "") -> None:
    """Wakes the listeners when this transaction commits, however often it is asked to."""
    session.info.setdefault(_TOLD, {})[channel, payload] = None


def _wake(session: Session) -> None:
    """All in one statement, and past the ORM, which takes longer to make it than Postgres to run it."""
    if told := session.info.pop(_TOLD, None):
        channels, payloads = map(list, zip(*told, strict=True))
        session.flush()  # what is told of is in the transaction, as the ORM would see to by itself
        session.connection().exec_driver_sql(_NOTIFY, (channels, payloads))


_TOLD = "told"  # in a session's `info`: the channels and payloads, in order
_NOTIFY = "SELECT pg_notify(channel, payload) FROM unnest(%s::text[], %s::text[]) AS told (channel, payload)"


def binary_rows(session: Session, query: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a query in this transaction, in Postgres's binary form: for columns of many bytes.

    SQLAlchemy asks psycopg for text, in which a `bytea` is twice as long and has to be parsed.
    """
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)  # noqa: S101 (the only driver that `Settings` lets through)
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(query.encode(), parameters).fetchall()


def libpq(url: str) -> str:
    """The URL as libpq reads it, without SQLAlchemy's driver name."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


class Listener:
    """One connection that hears NOTIFY. It only wakes: what happened is always read from the tables."""

    def __init__(self, url: str, *channels: str) -> None:
        self._connection = psycopg.connect(
            libpq(url), autocommit=True, connect_timeout=5, keepalives_idle=5, keepalives_interval=2, keepalives_count=3
        )
        for channel in channels:
            self._connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))

    def wait(self, timeout_s: float) -> list[str]:
        """The payloads heard; empty after the timeout. Raises psycopg.OperationalError when cut."""
        return [heard.payload for heard in self._connection.notifies(timeout=timeout_s, stop_after=1)]

    def lock(self, number: int) -> bool:
        """Whether this connection holds the advisory lock; takes it where it is free, until the connection ends."""
        taken = self._connection.execute("SELECT pg_try_advisory_lock(%s)", (number,)).fetchone()
        return bool(taken and taken[0])

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
