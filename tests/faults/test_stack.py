"""The fault tests' own stack: it trains, its curves follow the hash chain, and its network faults work."""

import signal
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from store.curves import write
from store.db.database import Database, libpq
from store.db.models import Run, StepChunk
from tests.faults.chain_trainer import Point, curve
from tests.faults.proxy import Weather
from tests.faults.stack import Stack, wait_until

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, warm: None) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack"), workers=1) as running:
        yield running


@pytest.fixture
def stack(running: Stack) -> Iterator[Stack]:
    yield running
    print(running.logs())  # shown if the test fails
    running.repair()


def curve_points(database: Database, run_id: UUID) -> list[Point]:
    with database.transaction() as session:
        chunks = session.scalars(select(StepChunk).where(StepChunk.run_id == run_id).order_by(StepChunk.first))
        rows = [(chunk.loss, chunk.error, chunk.lr) for chunk in chunks]
        columns = [[write.unpack(column) for column in row if column] for row in rows]
        return [Point(*values) for column in columns for values in zip(*column, strict=True)]


def run_of(stack: Stack, run_id: UUID) -> Run:
    with stack.database.transaction() as session:
        return session.get_one(Run, run_id)


def test_a_killed_trainer_resumes_the_chain(stack: Stack) -> None:
    run_id = stack.submit()
    wait_until(lambda: run_of(stack, run_id).iteration > 150, "it has passed its first checkpoint")
    (trainer,) = stack.trainers("worker-1")
    trainer.kill()
    wait_until(lambda: run_of(stack, run_id).finished_at, "it ends")
    run = run_of(stack, run_id)
    assert (run.status, run.fence) == ("succeeded", 2)
    assert curve_points(stack.database, run_id) == list(curve(run.spec["seed"], 500))


def test_every_part_can_be_killed_and_restarted(stack: Stack) -> None:
    for name in stack.names:
        stack.kill(name)
        assert not stack.is_running(name)
    stack.repair()
    run_id = stack.submit(iterations=5)
    wait_until(lambda: run_of(stack, run_id).status == "succeeded", "it succeeds")


def test_a_stopped_part_does_not_answer_until_it_is_resumed(stack: Stack) -> None:
    stack.stop("api")
    assert stack.is_stopped("api")
    assert not stack.is_ready()
    stack.resume("api")
    wait_until(stack.is_ready, "the API is ready")
    stack.signal("api", signal.SIGTERM)
    assert stack.wait_for_end("api") in (0, -signal.SIGTERM)


@pytest.mark.parametrize("weather", [Weather("refuse"), Weather("mute"), Weather("freeze"), Weather("fail")])
def test_a_broken_route_does_not_affect_the_others(stack: Stack, weather: Weather) -> None:
    broken, whole = (libpq(stack._variables(name)["RESLAB_DATABASE_URL"]) for name in ("control", "worker-1"))
    stack.set_weather("control", "database", weather)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(broken, connect_timeout=2)
    psycopg.connect(whole).close()
    stack.proxy.clear()
    psycopg.connect(broken).close()
