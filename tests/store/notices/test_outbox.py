"""The outbox: each thing that happened becomes one notice, and one delivery for each channel that wants it."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from store import workers
from store.db.database import Database
from store.db.models import Channel, Delivery, Notice, Quota, Run, Worker
from store.notices import channels, outbox
from store.notices.kinds import CHOICES
from store.quotas import limits
from store.runs import attempts, verbs
from tests.store.conftest import LEASE_S, claim

Submit = Callable[..., Run]


@pytest.fixture
def channel(database: Database) -> Channel:
    gather(database)  # what was before is not news
    with database.transaction() as session:
        return channels.create(session, new_channel())


def new_channel(**changes: object) -> Channel:
    fields = {"name": "ours", "kind": "webhook", "address": "https://example.org", "secret": None, "owner": "ann"}
    return Channel(**fields | {"about": list(CHOICES), "project": None} | changes)


def gather(database: Database) -> int:
    with database.transaction() as session:
        return outbox.gather(session, LEASE_S)


def due(database: Database) -> list[Delivery]:
    with database.transaction() as session:
        return outbox.claim(session, 10)


def cancel(database: Database, run_id: UUID) -> None:
    with database.transaction() as session:
        verbs.cancel(session, run_id, "bob")


def test_an_end_becomes_one_delivery_however_often_one_asks(
    database: Database, submit: Submit, channel: Channel
) -> None:
    run = submit()
    assert gather(database) == 0  # a run that waits is no news
    cancel(database, run.id)
    assert [gather(database), gather(database)] == [1, 0]
    (delivery,) = due(database)
    assert delivery.notice.sentence == "It was cancelled by bob at iteration 0."
    assert (delivery.channel_id, delivery.notice.path) == (channel.id, f"/runs/{run.id}")
    assert due(database) == []  # somebody is sending it


def test_an_end_is_told_though_another_transaction_began_before_it(
    database: Database, submit: Submit, channel: Channel
) -> None:
    """Transactions don't end in the order in which they begin, so a counter would leave out the later one."""
    early, late = submit(), submit()
    with database.transaction() as slow:
        verbs.cancel(slow, early.id, "ann")
        cancel(database, late.id)
        assert gather(database) == 1
    assert gather(database) == 1
    with database.transaction() as session:
        paths = set(session.scalars(select(Notice.path)))
    assert paths == {f"/runs/{early.id}", f"/runs/{late.id}"}


def test_a_channel_gets_what_it_asked_for(database: Database, submit: Submit, channel: Channel) -> None:
    with database.transaction() as session:
        for changes in ({"about": ["run.failed"]}, {"project": "another"}, {"paused_at": func.now()}):
            channels.create(session, new_channel(**changes))
    cancel(database, submit().id)
    gather(database)
    assert [delivery.channel_id for delivery in due(database)] == [channel.id]


def test_a_sick_worker_is_told_of_once(database: Database, worker: Worker, channel: Channel) -> None:
    for _ in range(2):
        with database.transaction() as session:
            workers.beat(session, worker.id, trouble="The disk is full.")
        gather(database)
    (delivery,) = due(database)
    assert (delivery.notice.title, delivery.notice.sentence) == ("one takes no runs", "The disk is full.")


def test_tries_have_growing_pauses_and_an_end_and_can_be_repeated(
    database: Database, submit: Submit, channel: Channel
) -> None:
    cancel(database, submit().id)
    gather(database)
    tries = 0
    while taken := due(database):
        tries += 1
        with database.transaction() as session:
            outbox.note_failure(session, taken[0].id, "no answer")
        with database.transaction() as session:
            session.execute(update(Delivery).values(next_at=func.now()))
    with database.transaction() as session:
        (delivery,) = outbox.page(session, 10, only_open=True)
        assert (tries, delivery.tries) == (10, 10)
        assert delivery.gave_up_at is not None
        assert delivery.error == "no answer"
        outbox.send_again(session, delivery.id)
    assert [delivery.tries for delivery in due(database)] == [1]


def test_a_failed_run_says_why(database: Database, submit: Submit, worker: Worker, channel: Channel) -> None:
    run_id = submit().id
    claimed = claim(database, worker)
    with database.transaction() as session:
        attempts.fail(session, run_id, claimed.attempt, "diverged", "loss is nan at iteration 3")
    gather(database)
    (delivery,) = due(database)
    assert delivery.notice.kind == "run.failed"
    assert delivery.notice.sentence == "It has failed (diverged): loss is nan at iteration 3"


def test_a_month_that_is_used_up_is_told_of_once(database: Database, submit: Submit, channel: Channel) -> None:
    submit("ann")  # it waits for a quota that has just been set
    with database.transaction() as session:
        limits.set_limits(session, Quota(kind="person", name="ann", device_hours=0))
    for with_quotas, count in ((False, 0), (True, 1), (True, 0)):
        with database.transaction() as session:
            assert outbox.gather(session, LEASE_S, with_quotas=with_quotas) == count
    (delivery,) = due(database)
    assert delivery.notice.kind == "quota.reached"
    assert delivery.notice.sentence.startswith("ann may use 0 device-hours a month and has used 0.0")


def test_files_that_fill_a_quota_are_told_of_once(database: Database, submit: Submit, channel: Channel) -> None:
    submit("ann")
    with database.transaction() as session:
        limits.set_limits(session, Quota(kind="person", name="*", kept_bytes=0))
        limits.set_limits(session, Quota(kind="project", name="default", kept_bytes=1))  # nothing is kept yet
    for count in (1, 0):
        with database.transaction() as session:
            assert outbox.gather(session, LEASE_S, with_quotas=True) == count
    (delivery,) = due(database)
    assert delivery.notice.sentence == "ann may keep 0 bytes of files and keeps 0."
