"""The tools of one fault on a running stack: actions, measurements, and the checks at its end."""

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

# The promised p95 of each kind of recovery, in seconds, with a lease of 6 s.
LIMITS_S = {
    "worker killed, run restarted": 12.0,
    "trainer killed, run restarted": 3.0,
    "broker back, waiting runs start": 10.0,
    "database back, training continues": 3.0,
    "cancelled, device free": 2 * HEARTBEAT_S + 5,
    "SIGTERM, exit 0 with a checkpoint": 30.0,
}
# A checkpoint every 50 iterations: long enough to die between two of them.
RUN = {"iterations": 300, "checkpoint_every": 50, "evaluate_every": 150}
# Always the same body, for submissions that must become one run.
BODY = SPEC | RUN | {"seed": 0}


@dataclass(frozen=True)
class Recovery:
    """How long the service took to recover. `kind` is a key of LIMITS_S."""

    kind: str
    seconds: float


@dataclass
class Lab:
    """A new one for each fault. Every run is expected to succeed unless the fault says otherwise."""

    stack: Stack
    calls: list[Call] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    _ends: dict[UUID, str] = field(default_factory=dict)
    _attempts: dict[UUID, int] = field(default_factory=dict)

    # Users' actions

    def submit(self, order: Order | None = None, key: str | None = None, **fields: Any) -> UUID:
        key = key or str(uuid4())
        run_id = self.stack.submit(order, key, **RUN | fields)
        self.calls.append(Call("submit", 201, str(run_id), key))
        return self.expect(run_id)

    def trained_run(self, order: Order | None = None) -> UUID:
        """A run that has succeeded."""
        run_id = self.submit(order, iterations=50)
        wait_until(lambda: self.run(run_id).finished_at, "it is trained")
        return run_id

    def ask(self, run_id: UUID, end: str = "succeeded", attempts: int | None = None) -> UUID:
        """Requests an evaluation of the run's weights until the API answers. `end` and `attempts` as in `expect`."""
        answers: list[UUID] = []

        def is_answered() -> bool:
            with suppress(httpx.TransportError):
                answers.append(UUID(self.stack.client.examinations.create(str(run_id)).id))
            return bool(answers)

        wait_until(is_answered, "the api answers")
        return self.expect(answers[0], end, attempts)

    def examination_worker(self, examination_id: UUID) -> str:
        """Waits until the examination's trainer has started. Returns its worker's name."""
        query = select(Worker.name).where(Worker.run_id == examination_id)

        def worker() -> str | None:
            with self.stack.database.transaction() as session:
                return session.scalar(query)

        wait_until(lambda: (name := worker()) and self.stack.trainers(name), f"examination {examination_id} begins")
        return self.worker_of(examination_id)

    def post_once(self, key: str) -> int | None:
        """Submits without retrying. Returns the HTTP status, or None if no answer came."""
        url = f"{self.stack.client.url}/api/v1/runs"
        headers = {"Authorization": f"Bearer {self.stack.token}", "Idempotency-Key": key}
        try:
            return httpx.post(url, json={"spec": BODY}, headers=headers, timeout=60).status_code
        except httpx.TransportError:
            return None

    def pause(self, run_id: UUID) -> None:
        """The API confirms, or refuses because the run has ended."""
        with suppress(ApiError):
            self.stack.client.pause(str(run_id))

    def cancel(self, run_id: UUID) -> None:
        """The API confirms, or refuses because the run has ended."""
        try:
            self.stack.client.cancel(str(run_id))
        except ApiError as refusal:
            self.calls.append(Call("cancel", refusal.status, str(run_id)))
        else:
            self.calls.append(Call("cancel", 200, str(run_id)))
            self.expect(run_id, "cancelled")

    def drain(self, name: str) -> None:
        """The API confirms; the worker hears of it with its next heartbeat."""
        with self.stack.database.transaction() as session:
            worker_id = session.scalar(select(Worker.id).where(Worker.name == name).order_by(Worker.id.desc()))
        assert self.stack.client.drain(str(worker_id)).draining

    def expect(self, run_id: UUID, end: str = "succeeded", attempts: int | None = None) -> UUID:
        """Sets how the run must end, and after how many attempts if that is certain."""
        self._ends[run_id] = end
        if attempts is not None:
            self._attempts[run_id] = attempts
        return run_id

    # Observations

    def run(self, run_id: UUID) -> Run:
        with self.stack.database.transaction() as session:
            return session.get_one(Run, run_id)

    def audit(self, subject: str) -> list[dict[str, Any]]:
        """The entries of the trail about this subject, newest first."""
        url, headers = f"{self.stack.client.url}/api/v1/audit", {"Authorization": f"Bearer {self.stack.token}"}
        answer = httpx.get(url, params={"subject": subject}, headers=headers, timeout=60)
        entries: list[dict[str, Any]] = answer.json()["items"]
        return entries

    def files(self, run_id: UUID) -> list[Artifact]:
        """The run's files, newest first."""
        newest = select(Artifact).where(Artifact.run_id == run_id).order_by(Artifact.iteration.desc())
        with self.stack.database.transaction() as session:
            return list(session.scalars(newest))

    def has_started(self, run_id: UUID, attempt: int = 1) -> bool:
        """Whether the trainer of this attempt or of a later one has started."""
        started = (Event.run_id == run_id, Event.kind == EventKind.started, Event.attempt >= attempt)
        with self.stack.database.transaction() as session:
            return session.scalar(select(Event.seq).where(*started).limit(1)) is not None

    def is_free(self, run_id: UUID) -> bool:
        """Whether the run has ended and its worker is free."""
        query = select(Worker.id).where(Worker.run_id == run_id)
        with self.stack.database.transaction() as session:
            return session.scalar(query) is None and session.get_one(Run, run_id).finished_at is not None

    def worker_of(self, run_id: UUID) -> str:
        with self.stack.database.transaction() as session:
            name = session.scalar(select(Worker.name).where(Worker.run_id == run_id))
        assert name is not None, "no worker trains the run"
        return name

    # Waiting

    def training_worker(self, run_id: UUID, past: int = 0) -> str:
        """Waits until the run is past iteration `past`. Returns the name of its worker."""
        wait_until(lambda: self.run(run_id).iteration > past, f"iteration {past} of run {run_id}")
        return self.worker_of(run_id)

    def measure_start(self, run_id: UUID, kind: str, attempt: int = 2) -> None:
        """Measures the time until the trainer of this attempt has started."""
        self.measure(kind, lambda: self.has_started(run_id, attempt))

    def measure(self, kind: str, condition: Callable[[], object]) -> None:
        """Measures the time until the condition is true."""
        assert kind in LIMITS_S
        self.recoveries.append(Recovery(kind, wait_until(condition, kind)))

    def wait(self, seconds: float) -> None:
        """Lets a fault last. (The time is part of the fault; tests never sleep to wait for a result.)"""
        time.sleep(seconds)

    def wait_leases(self, number: float) -> None:
        self.wait(number * LEASE_S)

    def cut(self, name: str, server: Server) -> None:
        self.stack.set_weather(name, server, Weather("refuse"))

    def freeze(self, name: str, server: Server) -> None:
        self.stack.set_weather(name, server, Weather("freeze"))

    def single_worker(self, failpoint: str = "", **variables: str) -> str:
        """Kills all workers and starts one of them. Returns its name once it has registered."""
        for name in self.stack.workers:
            if self.stack.is_running(name):
                self.stack.kill_tree(name)
        name = self.stack.workers[0]
        self.stack.start(name, failpoint, **variables)
        wait_until(lambda: self.is_registered(name), f"{name} registers")
        return name

    def is_registered(self, name: str) -> bool:
        """Whether the worker's current process has registered."""
        with self.stack.database.transaction() as session:
            query = select(Worker.id).where(Worker.name == name, Worker.pid == self.stack.child(name).pid)
            return session.scalar(query) is not None

    def can_train(self, name: str) -> bool:
        """Whether the worker's current process has registered, trains nothing and takes runs."""
        with self.stack.database.transaction() as session:
            of_process = Worker.name == name, Worker.pid == self.stack.child(name).pid
            query = select(Worker.id).where(*of_process, Worker.run_id.is_(None), Worker.trouble.is_(None))
            return session.scalar(query) is not None

    # The end

    def settle(self) -> None:
        """Repairs everything, resumes paused runs, and waits until every run has ended."""
        self.stack.repair()
        for run_id in self._ends:
            with suppress(ApiError):
                self.stack.client.resume(str(run_id))
        wait_until(self._is_quiet, "every run ends")

    def violations(self) -> list[str]:
        """Violations of the checker's rules and of this fault's expectations, in words."""
        with psycopg.connect(libpq(self.stack.database.url)) as connection:
            tables = snapshot.tables(connection)
        history = Snapshot(tables, self.calls, snapshot.hashes(self.stack.objects, tables["artifacts"]))
        violations = [str(violation) for violation in check.in_the_end(history, check.CHAIN)]
        return [*violations, *_wrong_evaluations(history), *self._unexpected(history)]

    def clear(self) -> None:
        """Deletes all runs, so that the next fault checks only its own."""
        wait_until(self._truncate, "the tables are empty")

    def _truncate(self) -> bool:
        database = libpq(self.stack.database.url)
        # TRUNCATE locks many tables, and the API's background watch of studies locks them in another order.
        with psycopg.connect(database, autocommit=True) as connection, suppress(psycopg.errors.DeadlockDetected):
            connection.execute("TRUNCATE runs CASCADE")
            return True
        return False

    def _is_quiet(self) -> bool:
        open_runs = select(func.count()).select_from(Run).where(Run.status.not_in(TERMINAL))
        busy_workers = select(func.count()).select_from(Worker).where(Worker.run_id.is_not(None))
        with self.stack.database.transaction() as session:
            return not session.scalar(open_runs) and not session.scalar(busy_workers)

    def _unexpected(self, history: Snapshot) -> Iterator[str]:
        for run in history.rows("runs"):
            run_id = UUID(run["id"])
            end, attempts = self._ends.get(run_id), self._attempts.get(run_id)
            if end and run["status"] != end:
                yield f"run {run_id} should be {end}, but is {run['status']}: {run['message']}"
            if attempts and run["fence"] != attempts:
                yield f"run {run_id} should have needed {attempts} attempts, but needed {run['fence']}"


def _wrong_evaluations(history: Snapshot) -> Iterator[str]:
    """Evaluations must belong to the hash chain too."""
    for run in history.rows("runs"):
        for row in history.rows("evaluations", run["id"]):
            state = chain_trainer.state_at(run["spec"]["seed"], row["iteration"])
            right = chain_trainer.evaluation(state, row["split"])
            if (row["loss"], row["error"]) != (right.loss, right.error):
                yield f"run {run['id']}: its {row['split']} evaluation at {row['iteration']} is of another chain"
