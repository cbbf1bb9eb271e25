"""The outbox: what happened becomes notices, and a notice becomes a delivery to each channel that wants it.

A run's events are written in the transaction of what they tell of, and control reads them from a stored position. So
nothing is lost or told twice whatever process is killed, no request waits for a channel, and no worker knows a secret.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Double, Integer, Text, bindparam, cast, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.errors import NotFound
from store.db.identifiers import new_id
from store.db.models import Channel, Delivery, Event, Notice, NoticePosition, Run, Worker
from store.db.position import Position
from store.notices import kinds
from store.notices.kinds import OF_EVENTS
from store.quotas import limits

# Between two tries, as Standard Webhooks recommends; then the delivery is given up, and a person may send it again.
PAUSES_S: Final = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
# A sender that was killed has not said how its try ended: it is repeated after this time.
_CLAIM_S = 60
# The stored position may be this many transactions old: their events are read again, and make no notice twice.
_BEHIND: Final = 100
_KEPT: Final = timedelta(days=30)


def instant(session: Session) -> tuple[str, bool]:
    """Returns which transactions have committed, and whether a delivery is due. One statement: while neither changes,
    there is nothing to gather or to send."""
    snapshot, is_due = session.execute(_INSTANT).one()
    return str(snapshot), bool(is_due)


def gather(session: Session, lease_s: float, *, with_quotas: bool = False) -> int:
    """Turns what has happened since the last call into notices and deliveries. Must be first in its transaction.

    Returns how many notices are new. Quotas take long to add up, so not every call needs them.
    """
    # All statements see the same instant.
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    quotas = _of_quotas(session) if with_quotas else ()
    return sum(_add(session, notice) for notice in (*_of_runs(session), *_of_workers(session, lease_s), *quotas))


def add(session: Session, notice: Notice) -> None:
    """Adds a notice of another kind, in the transaction of what it tells of. The same key again does nothing."""
    _add(session, notice)


def _add(session: Session, notice: Notice) -> bool:
    columns = ("key", "kind", "project", "path", "title", "sentence", "body")
    values = {"id": new_id()} | {name: getattr(notice, name) for name in columns}
    added = session.scalar(insert(Notice).values(values).on_conflict_do_nothing().returning(Notice.id))
    if added is None:
        return False
    wants = (
        select(Channel.id)
        .where(Channel.paused_at.is_(None), Channel.about.contains([str(notice.kind)]))
        .where(or_(Channel.project.is_(None), Channel.project == notice.project))
    )
    for channel_id in session.scalars(wants):
        session.add(Delivery(notice_id=added, channel_id=channel_id))
    session.flush()
    return True


def _of_runs(session: Session) -> Iterable[Notice]:
    now = session.execute(select(cast(func.pg_current_snapshot(), Text))).scalar_one()
    row = session.get(NoticePosition, 1)
    if row is None:  # a new service, or one that had no notices: its past is not news
        session.add(NoticePosition(id=1, position=now))
        return []
    start, end = Position.parse(row.position), Position.parse(now)
    bounds = {"least": start.least, "next": end.next, "start": str(start), "now": now}
    notices = [kinds.of_run(event, run) for event, run in session.execute(_NEW_EVENTS, bounds)]
    # Otherwise an idle service would write its position again and again, and wait for its disk each time.
    if notices or end.next - start.least > _BEHIND:
        row.position = now
    return notices


# Built once: they are executed every few seconds.
_NEW_EVENTS: Final = (
    select(Event, Run)
    .join(Run, Run.id == Event.run_id)
    .where(Event.kind.in_(list(OF_EVENTS)), Event.transaction >= bindparam("least", type_=Event.transaction.type))
    .where(Event.transaction < bindparam("next", type_=Event.transaction.type), Run.examination.is_(None))
    .where(text("NOT pg_visible_in_snapshot(events.transaction::text::xid8, CAST(:start AS pg_snapshot))"))
    .where(text("pg_visible_in_snapshot(events.transaction::text::xid8, CAST(:now AS pg_snapshot))"))
    .order_by(Event.transaction)
)
_UNFIT: Final = select(Worker).where(
    Worker.trouble.is_not(None),
    Worker.trouble_since.is_not(None),
    Worker.seen_at > func.now() - func.make_interval(0, 0, 0, 0, 0, 0, bindparam("lease_s", type_=Double())),
)


def _of_workers(session: Session, lease_s: float) -> Iterable[Notice]:
    return [kinds.of_worker(worker) for worker in session.scalars(_UNFIT, {"lease_s": lease_s})]


def _of_quotas(session: Session) -> Iterable[Notice]:
    month = session.execute(select(func.to_char(func.now(), "YYYY-MM"))).scalar_one()
    spent = [kinds.of_quota(kind, name, sentence, month) for kind, name, sentence in limits.spent(session)]
    filled = (
        kinds.of_quota(kind, name, sentence, month, "kept_bytes") for kind, name, sentence in limits.filled(session)
    )
    return [*spent, *filled]


def claim(session: Session, most: int) -> list[Delivery]:
    """Takes deliveries that are due, for one try. Another sender that asks meanwhile gets others."""
    ids = list(session.scalars(_DUE, {"most": most}))
    if not ids:
        return []
    taken = update(Delivery).where(Delivery.id.in_(ids))
    session.execute(taken.values(tries=Delivery.tries + 1, next_at=func.now() + timedelta(seconds=_CLAIM_S)))
    return list(session.scalars(select(Delivery).where(Delivery.id.in_(ids)).order_by(Delivery.id)))


_IS_DUE: Final = (
    Delivery.delivered_at.is_(None),
    Delivery.gave_up_at.is_(None),
    Delivery.next_at <= func.now(),
    Delivery.channel_id.in_(select(Channel.id).where(Channel.paused_at.is_(None))),
)
_DUE: Final = (
    select(Delivery.id)
    .where(*_IS_DUE)
    .order_by(Delivery.next_at)
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True)
)
_INSTANT: Final = select(cast(func.pg_current_snapshot(), Text), select(Delivery.id).where(*_IS_DUE).exists())


def note_success(session: Session, delivery_id: UUID) -> None:
    done = update(Delivery).where(Delivery.id == delivery_id)
    session.execute(done.values(delivered_at=func.now(), error=None))


def note_failure(session: Session, delivery_id: UUID, error: str, *, is_final: bool = False) -> None:
    """Sets the time of the next try, or gives up after the last pause, or at once if no try can help."""
    delivery = session.get(Delivery, delivery_id, with_for_update={"of": Delivery})
    if delivery is None:  # its channel was deleted meanwhile
        return
    delivery.error = error
    if is_final or delivery.tries > len(PAUSES_S):
        delivery.gave_up_at = session.scalar(select(func.now()))
    else:
        pause = func.now() + timedelta(seconds=PAUSES_S[delivery.tries - 1])
        session.execute(update(Delivery).where(Delivery.id == delivery_id).values(next_at=pause))


def send_again(session: Session, delivery_id: UUID) -> Delivery:
    """Makes a delivery due now, whether it had ended or not. Raises NotFound."""
    again = update(Delivery).where(Delivery.id == delivery_id)
    again = again.values(tries=0, next_at=func.now(), delivered_at=None, gave_up_at=None, error=None)
    if session.scalar(again.returning(Delivery.id)) is None:
        raise NotFound(f"There is no delivery {delivery_id}.")
    return session.execute(select(Delivery).where(Delivery.id == delivery_id)).scalar_one()


def page(
    session: Session, limit: int, channel_id: UUID | None = None, *, only_open: bool = False
) -> Sequence[Delivery]:
    """Returns the newest deliveries; with `only_open`, those that have not arrived."""
    newest = select(Delivery).order_by(Delivery.id.desc()).limit(limit)
    if channel_id:
        newest = newest.where(Delivery.channel_id == channel_id)
    if only_open:
        newest = newest.where(Delivery.delivered_at.is_(None))
    return session.scalars(newest).all()


def forget(session: Session) -> None:
    """Deletes notices older than 30 days, with their deliveries."""
    session.execute(delete(Notice).where(Notice.created_at < func.now() - _KEPT))
