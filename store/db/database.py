"""The connection to Postgres: explicit transactions, and LISTEN/NOTIFY."""

import select
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import conninfo
from sqlalchemy import create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DisconnectionError, InternalError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

# NOTIFY channels. The payload is a run's id; QUEUE_CHANGED has none.
RUN_CHANGED = "reslab_run"
RUN_DELETED = "reslab_deleted"
LOG_CHANGED = "reslab_log"
QUEUE_CHANGED = "reslab_queue"

# A process that is stopped inside a transaction keeps its locks, so the server ends its session, and the run can be
# returned to the queue. Our code is idle inside a transaction only while Python computes between two statements. The
# limit is below the shortest lease (6 s, in tests), so that a takeover waits only for the lease.
IDLE_IN_TRANSACTION_S = 5
# A connection that was used this recently counts as alive; an older one is pinged first.
_TRUSTED_S = 1.0

# A cut connection must be noticed within seconds, at both ends. Keepalives notice it on a quiet connection, the user
# timeout (in milliseconds) while sent data is unanswered; the kernel's own limits are 2 hours and 15 minutes. Observed:
# the server kept the lock of a leading control whose host was cut off, so no other control led.
_CUT_NOTICED: dict[str, int | str] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
    " -c tcp_user_timeout=10000",
}
_CONNECT = _CUT_NOTICED | {
    "options": f"{_CUT_NOTICED['options']} -c timezone=UTC -c lock_timeout=10s -c statement_timeout=60s"
    f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_S}s",
}


class Database:
    """A pool of connections. Raises sqlalchemy.exc.OperationalError if Postgres can't be reached."""

    def __init__(self, url: str, pool_size: int = 5) -> None:
        self.url = url
        # Called at the end of each transaction, in it: what it writes is committed with the rest, or not at all.
        self.before_commit: Callable[[Session], None] | None = None
        self._engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size, connect_args=_CONNECT)
        self._glancing = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        event.listen(self._engine, "checkin", _note_use)
        event.listen(self._engine, "checkout", self._ping_idle)
        event.listen(self._engine, "handle_error", _treat_ended_session_as_outage)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commits at the end of the block; rolls back if the block raises. Nothing slow belongs inside."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin() as transaction:
            yield session
            if transaction.is_active:
                if self.before_commit:
                    self.before_commit(session)
                _wake(session)

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """A session for reads of any instants: without BEGIN and COMMIT, it saves two round trips."""
        with Session(self._glancing) as session:
            yield session

    def _ping_idle(self, connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        """SQLAlchemy's pre-ping pings every time, which takes a tenth of a POST's time in Postgres."""
        if time.monotonic() - record.info.get("used_at", float("inf")) < _TRUSTED_S:
            return
        try:
            self._engine.dialect.do_ping(connection)
        except psycopg.Error as error:
            raise DisconnectionError from error  # the pool opens another connection

    def close(self) -> None:
        self._engine.dispose()


def _note_use(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _treat_ended_session_as_outage(context: ExceptionContext) -> None:
    """psycopg raises an InternalError if the server ended an idle session; callers would take it for a defect."""
    if context.is_disconnect and isinstance(context.sqlalchemy_exception, InternalError):
        raise OperationalError(
            context.statement, context.parameters, context.original_exception, connection_invalidated=True
        ) from context.original_exception


def notify(session: Session, channel: str, payload: str = "") -> None:
    """Wakes the listeners once when this transaction commits. Safe to repeat."""
    session.info.setdefault(_NOTIFICATIONS, {})[channel, payload] = None


def _wake(session: Session) -> None:
    """Sends all notifications in one statement, without the ORM, whose overhead exceeds the statement's time."""
    if notifications := session.info.pop(_NOTIFICATIONS, None):
        channels, payloads = map(list, zip(*notifications, strict=True))
        session.flush()  # as the ORM would do by itself
        session.connection().exec_driver_sql(_NOTIFY, (channels, payloads))


_NOTIFICATIONS = "notifications"  # in a session's `info`: the channels and payloads, in order
_NOTIFY = "SELECT pg_notify(channel, payload) FROM unnest(%s::text[], %s::text[]) AS sent (channel, payload)"


def binary_rows(session: Session, query: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Returns the rows of a query in this transaction, fetched in Postgres's binary form: for large columns.

    SQLAlchemy lets psycopg fetch text, in which a `bytea` is twice as long and has to be parsed.
    """
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)  # noqa: S101 (the only driver that `Settings` allows)
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(query.encode(), parameters).fetchall()


def rows_of_several(session: Session, statements: Sequence[tuple[str, dict[str, Any]]]) -> list[list[tuple[Any, ...]]]:
    """Runs statements with their parameters in one round trip, and returns the rows of each.

    They are prepared: planning one that comes again and again can take longer than executing it. Outside a transaction
    they are one of their own.
    """
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)  # noqa: S101 (the only driver that `Settings` allows)
    with connection.pipeline():
        cursors = [connection.execute(statement.encode(), named, prepare=True) for statement, named in statements]
    return [cursor.fetchall() for cursor in cursors]


def libpq(url: str) -> str:
    """Returns the URL in libpq's form, without SQLAlchemy's driver name."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def listening(url: str) -> str:
    """Returns the same for a connection that listens, and so would take a cut for silence."""
    return conninfo.make_conninfo(libpq(url), **_CUT_NOTICED)


class Listener:
    """A connection that listens for NOTIFY. It only wakes readers: they read what happened from the tables."""

    def __init__(self, url: str, *channels: str) -> None:
        self._connection = psycopg.connect(listening(url), autocommit=True)
        for channel in channels:
            self._connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))

    def wait(self, timeout_s: float) -> list[str]:
        """Returns the received payloads; empty after the timeout. Raises psycopg.OperationalError if cut off."""
        if received := self._received():
            return received
        # psycopg itself would wake ten times a second, in case of a Ctrl-C.
        select.select([self._connection], [], [], timeout_s)
        return self._received()

    def _received(self) -> list[str]:
        return [notification.payload for notification in self._connection.notifies(timeout=0)]

    def lock(self, number: int) -> bool:
        """Takes the advisory lock, if free, until the connection ends. Returns whether this connection has it."""
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", (number,)).fetchone()
        return bool(row and row[0])

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
