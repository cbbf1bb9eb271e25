"""One fault on a running stack: what it may do, what it measures, and what must hold when it is over."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
from sqlalchemy import func, select

from reslab.client import ApiError
from store.db.database import libpq
from store.db.models import Artifact, Event, Run, Worker
from store.runs.states import TERMINAL, EventKind
from tests.faults import chain_trainer, check, snapshot
from tests.faults.chain_trainer import Order
from tests.faults.proxy import Weather
from tests.faults.snapshot import Call, Snapshot
from tests.faults.stack import HEARTBEAT_S, LEASE_S, SPEC, Server, Stack, wait_until

# What was promised, in seconds, with a lease of 6 s (issue: "How good").
LIMITS_S = {
    "worker killed, training again": 12.0,
    "trainer killed, training again": 3.0,
    "broker back, backlog moves": 10.0,
    "database back, training goes on": 3.0,
    "cancelled, device free": 2 * HEARTBEAT_S + 5,
    "SIGTERM, exit 0 with a checkpoint": 30.0,
}
# A checkpoint each 50 iterations: long enough to die between two.
RUN = {"iterations": 300, "checkpoint_every": 50, "evaluate_every": 150}
# Always the same, for submits that must be one.
BODY = SPEC | RUN | {"seed": 0}


@dataclass(frozen=True)
class Recovery:
    """How long it took the service to be itself again; `what` is one of LIMITS_S."""

    what: str
    seconds: float


@dataclass
class Lab:
    """Made anew for each fault. A run is expected to succeed unless the fault says otherwise."""

    stack: Stack
    calls: list[Call] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    _ends: dict[UUID, str] = field(default_factory=dict)
    _attempts: dict[UUID, int] = field(default_factory=dict)

    # What people do

    def submit(self, order: Order | None = None, key: str | None = None, **fields: Any) -> UUID:
        key = key or str(uuid4())
        run_id = self.stack.submit(order, key, **RUN | fields)
        self.calls.append(Call("submit", 201, str(run_id), key))
        return self.expect(run_id)

    def examinable(self, order: Order | None = None) -> UUID:
        """A run that has succeeded."""
        run_id = self.submit(order, iterations=50)
        wait_until(lambda: self.run(run_id).finished_at, "it is trained")
        return run_id

    def ask(self, run_id: UUID, end: str = "succeeded", attempts: int | None = None) -> UUID:
        """An examination of its weights, asked for until the api answers. As `expect`."""
        answers: list[UUID] = []

        def is_answered() -> bool:
            with suppress(httpx.TransportError):
                answers.append(UUID(self.stack.client.examinations.create(str(run_id)).id))
            return bool(answers)

        wait_until(is_answered, "the api answers")
        return self.expect(answers[0], end, attempts)

    def examining(self, examination_id: UUID) -> str:
        """Waits until its trainer is there, and answers the worker that has it."""
        held = select(Worker.name).where(Worker.run_id == examination_id)

        def worker() -> str | None:
            with self.stack.database.transaction() as session:
                return session.scalar(held)

        wait_until(lambda: (name := worker()) and self.stack.trainers(name), f"examination {examination_id} begins")
        return self.worker_of(examination_id)

    def post_once(self, key: str) -> int | None:
        """A client that does not try again. The status, or None where no answer came."""
        url = f"{self.stack.client.url}/api/v1/runs"
        headers = {"Authorization": f"Bearer {self.stack.token}", "Idempotency-Key": key}
        try:
            return httpx.post(url, json={"spec": BODY}, headers=headers, timeout=30).status_code
        except httpx.TransportError:
            return None

    def pause(self, run_id: UUID) -> None:
        """Confirmed, or refused as the run has ended."""
        with suppress(ApiError):
            self.stack.client.pause(str(run_id))

    def cancel(self, run_id: UUID) -> None:
        """Confirmed, or refused as the run has ended."""
        try:
            self.stack.client.cancel(str(run_id))
        except ApiError as refused:
            self.calls.append(Call("cancel", refused.status, str(run_id)))
        else:
            self.calls.append(Call("cancel", 200, str(run_id)))
            self.expect(run_id, "cancelled")

    def drain(self, name: str) -> None:
        """Confirmed: it will hear of it with its next heartbeat."""
        with self.stack.database.transaction() as session:
            worker_id = session.scalar(select(Worker.id).where(Worker.name == name).order_by(Worker.id.desc()))
        assert self.stack.client.drain(str(worker_id)).draining

    def expect(self, run_id: UUID, end: str = "succeeded", attempts: int | None = None) -> UUID:
        """How the run must end, and in how many attempts where that is not to vary."""
        self._ends[run_id] = end
        if attempts is not None:
            self._attempts[run_id] = attempts
        return run_id

    # What can be seen

    def run(self, run_id: UUID) -> Run:
        with self.stack.database.transaction() as session:
            return session.get_one(Run, run_id)

    def files(self, run_id: UUID) -> list[Artifact]:
        """Newest first."""
        newest = select(Artifact).where(Artifact.run_id == run_id).order_by(Artifact.iteration.desc())
        with self.stack.database.transaction() as session:
            return list(session.scalars(newest))

    def has_begun(self, run_id: UUID, attempt: int = 1) -> bool:
        """Whether a trainer of this attempt or of a later one has started."""
        started = (Event.run_id == run_id, Event.kind == EventKind.started, Event.attempt >= attempt)
        with self.stack.database.transaction() as session:
            return session.scalar(select(Event.seq).where(*started).limit(1)) is not None

    def is_free(self, run_id: UUID) -> bool:
        """Whether the run has ended and no worker holds it."""
        held = select(Worker.id).where(Worker.run_id == run_id)
        with self.stack.database.transaction() as session:
            return session.scalar(held) is None and session.get_one(Run, run_id).finished_at is not None

    def worker_of(self, run_id: UUID) -> str:
        with self.stack.database.transaction() as session:
            name = session.scalar(select(Worker.name).where(Worker.run_id == run_id))
        assert name is not None, "no worker holds the run"
        return name

    # Waiting

    def training(self, run_id: UUID, past: int = 0) -> str:
        """Waits until iteration `past` is written, and answers the worker that trains it."""
        wait_until(lambda: self.run(run_id).iteration > past, f"iteration {past} of run {run_id}")
        return self.worker_of(run_id)

    def again(self, run_id: UUID, what: str, attempt: int = 2) -> None:
        """Measures from now until a trainer of this attempt has started."""
        self.measured(what, lambda: self.has_begun(run_id, attempt))

    def measured(self, what: str, condition: Callable[[], object]) -> None:
        """Measures from now until it is true."""
        assert what in LIMITS_S
        self.recoveries.append(Recovery(what, wait_until(condition, what)))

    def passes(self, seconds: float) -> None:
        """A fault that lasts: the time is the fault, and not a guess at what happens in it."""
        time.sleep(seconds)

    def passes_leases(self, number: float) -> None:
        self.passes(number * LEASE_S)

    def cut(self, name: str, server: Server) -> None:
        self.stack.weather(name, server, Weather("refuse"))

    def freeze(self, name: str, server: Server) -> None:
        self.stack.weather(name, server, Weather("freeze"))

    def alone(self, failpoint: str = "", **variables: str) -> str:
        """One worker only, started anew; answers its name when it takes runs."""
        for name in self.stack.workers:
            if self.stack.runs(name):
                self.stack.kill_tree(name)
        name = self.stack.workers[0]
        self.stack.start(name, failpoint, **variables)
        wait_until(lambda: self.is_there(name), f"{name} registers")
        return name

    def is_there(self, name: str) -> bool:
        """Whether the worker's process of now has registered."""
        with self.stack.database.transaction() as session:
            there = select(Worker.id).where(Worker.name == name, Worker.pid == self.stack.child(name).pid)
            return session.scalar(there) is not None

    # The end

    def settle(self) -> None:
        """Heals everything, resumes what is paused, and waits until every run has ended."""
        self.stack.heal()
        for run_id in self._ends:
            with suppress(ApiError):
                self.stack.client.resume(str(run_id))
        wait_until(self._is_quiet, "every run ends")

    def violations(self) -> list[str]:
        """What does not hold, in words: the checker's rules, and what this fault expects of its runs."""
        with psycopg.connect(libpq(self.stack.database.url)) as connection:
            tables = snapshot.tables(connection)
        taken = Snapshot(tables, self.calls, snapshot.hashes(self.stack.objects, tables["artifacts"]))
        found = [str(violation) for violation in check.in_the_end(taken, check.CHAIN)]
        return [*found, *_links(taken), *self._unexpected(taken)]

    def clear(self) -> None:
        """The next fault begins with no runs, so that it judges its own only."""
        wait_until(self._truncate, "the tables are empty")

    def _truncate(self) -> bool:
        database = libpq(self.stack.database.url)
        # It locks many tables in an order of its own, and the api, which looks at studies, in another.
        with psycopg.connect(database, autocommit=True) as connection, suppress(psycopg.errors.DeadlockDetected):
            connection.execute("TRUNCATE runs CASCADE")
            return True
        return False

    def _is_quiet(self) -> bool:
        alive = select(func.count()).select_from(Run).where(Run.status.not_in(TERMINAL))
        busy = select(func.count()).select_from(Worker).where(Worker.run_id.is_not(None))
        with self.stack.database.transaction() as session:
            return not session.scalar(alive) and not session.scalar(busy)

    def _unexpected(self, taken: Snapshot) -> Iterator[str]:
        for run in taken.rows("runs"):
            run_id = UUID(run["id"])
            end, attempts = self._ends.get(run_id), self._attempts.get(run_id)
            if end and run["status"] != end:
                yield f"run {run_id} should have {end}, has {run['status']}: {run['message']}"
            if attempts and run["fence"] != attempts:
                yield f"run {run_id} should have taken {attempts} attempts, took {run['fence']}"


def _links(taken: Snapshot) -> Iterator[str]:
    """Evaluations must be of the chain too."""
    for run in taken.rows("runs"):
        for row in taken.rows("evaluations", run["id"]):
            state = chain_trainer.state_at(run["spec"]["seed"], row["iteration"])
            right = chain_trainer.evaluation(state, row["split"])
            if (row["loss"], row["error"]) != (right.loss, right.error):
                yield f"run {run['id']}: its {row['split']} evaluation at {row['iteration']} is of another chain"
