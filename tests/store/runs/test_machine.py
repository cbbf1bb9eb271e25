"""The verbs in every interleaving that hypothesis finds: three connections, each with a transaction that is committed,
rolled back, or committed without an answer.

An owner doesn't notice that another attempt took over, so it keeps writing. After every step the committed rows must
meet the checker's rules, and after each sequence every run can still be completed. `make machine SEQUENCES=2000` is the
long form.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select, text, update

from store import workers
from store.curves import write
from store.db.database import Database
from store.db.errors import Conflict, LeaseLost
from store.db.identifiers import new_id
from store.db.models import Attempt, Run, Worker
from store.runs import attempts, bell, verbs
from store.runs.attempts import Claim
from store.runs.states import TERMINAL, Status
from tests.faults import check, snapshot
from tests.faults.snapshot import Call, Snapshot
from tests.store.conftest import submission
from tests.store.hands import Hand, Hands, Verb
from tests.store.owner import ITERATIONS, Owner, save_file

SEQUENCES = int(os.environ.get("RESLAB_SEQUENCES", "20"))
MOST = 3  # failures in a row
HANDS = 3

workers_of_ours = st.integers(0, HANDS - 1)
anyone = st.integers(0, 5)
# How a transaction ends. Held: a later step ends it, and meanwhile others wait for its locks.
endings = st.sampled_from(["heard", "heard", "heard", "held", "held", "unheard", "unheard", "undone"])
# A lease that is over from the start stands for one that expires while its owner continues.
leases = st.sampled_from([60.0, 60.0, -1.0])


RIGHT = check.Oracle(lambda run: [iteration / 8 for iteration in range(1, run["iterations"] + 1)])


@dataclass(frozen=True)
class Act:
    """A verb in a hand. `owner`: the attempt that it writes for. `on_answer`: what to do with its answer."""

    verb: Verb
    on_answer: Callable[[Any], None] = lambda _: None
    owner: Owner | None = None


class Machine(RuleBasedStateMachine):
    """The rules draw the same in every state: a rule with nothing to act on does nothing."""

    def __init__(self, shared: Hands, database: Database) -> None:
        super().__init__()
        self._hands, self._database = shared, database
        shared.drop()  # what a failed sequence left
        shared.eye.execute("DELETE FROM runs; DELETE FROM workers")
        self._workers = [
            Worker(
                id=new_id(), name=f"w{n}", host="here", pid=n, queue="cpu", device="cpu", version="0", draining=False
            )
            for n in range(HANDS)
        ]
        with self._database.transaction() as session:
            for worker in self._workers:
                workers.register(session, worker)
            session.expunge_all()
        self._acts: dict[Hand, Act] = {}
        self._accepted: dict[str, UUID] = {}
        self._owners: list[Owner] = []
        self._calls: list[Call] = []
        self._committed = True  # since the last check

    @initialize(count=st.integers(1, 3), lease_s=leases)
    def begin(self, count: int, lease_s: float) -> None:
        for key in range(count):
            self.submit("heard", key)
        self.claim("heard", 0, lease_s)

    # What people do.

    @rule(end=endings, key=st.integers(0, 3))
    def submit(self, end: str, key: int) -> None:
        def accepted(answer: tuple[Run, bool]) -> None:
            self._accepted[f"key {key}"] = answer[0].id
            self._calls.append(Call("submit", 201, str(answer[0].id), f"key {key}"))

        new = submission("ann" if key % 2 else "ben", iterations=ITERATIONS, checkpoint_every=4, evaluate_every=4)
        self._start(end, Act(lambda session: verbs.create(session, new, f"key {key}", "same"), accepted))

    @rule(end=endings, which=anyone)
    def cancel(self, end: str, which: int) -> None:
        if run_id := self._some_run(which):
            confirmed = Call("cancel", 200, str(run_id))
            act = Act(lambda session: verbs.cancel(session, run_id, "ann"), lambda _: self._calls.append(confirmed))
            self._start(end, act)

    @rule(end=endings, which=anyone)
    def pause(self, end: str, which: int) -> None:
        if run_id := self._some_run(which):
            self._start(end, Act(lambda session: verbs.pause(session, run_id, "ann")))

    @rule(end=endings, which=anyone)
    def resume(self, end: str, which: int) -> None:
        if run_id := self._some_run(which):
            self._start(end, Act(lambda session: verbs.resume(session, run_id, "ann")))

    @rule(end=endings, which=anyone, priority=st.integers(0, 2))
    def prioritise(self, end: str, which: int, priority: int) -> None:
        if run_id := self._some_run(which):
            self._start(
                end, Act(lambda session: verbs.change(session, run_id, "ann", verbs.RunChange(priority=priority)))
            )

    # What control does.

    @rule(end=endings)
    def ring(self, end: str) -> None:
        self._start(end, Act(lambda session: bell.mark(session, 60)))

    @rule(end=endings)
    def reap(self, end: str) -> None:
        self._start(end, Act(lambda session: attempts.reap(session, MOST)))

    # What workers do.

    @rule(end=endings, who=workers_of_ours, lease_s=leases)
    def claim(self, end: str, who: int, lease_s: float) -> None:
        def claimed(answer: Claim | None) -> None:
            if answer:
                self._owners.append(Owner(answer.run.id, answer.attempt, answer.resumed_from))

        self._start(end, Act(lambda session: attempts.claim(session, self._workers[who], lease_s), claimed))

    @rule(end=endings, who=anyone, lease_s=leases)
    def beat(self, end: str, who: int, lease_s: float) -> None:
        if owner := self._some_owner(who):
            self._write(end, owner, partial(attempts.beat, lease_s=lease_s))

    @rule(end=endings, who=anyone, count=st.sampled_from([2, 5, ITERATIONS]))
    def tell(self, end: str, who: int, count: int) -> None:
        if owner := self._some_owner(who):
            events = owner.next_batch(count)
            verb = partial(attempts.append, number=owner.batch + 1, events=events)
            self._write(end, owner, verb, lambda _: owner.confirm(events))

    @rule(end=endings, who=anyone)
    def log(self, end: str, who: int) -> None:
        if owner := self._some_owner(who):
            self._write(end, owner, partial(attempts.append_log, number=1, text="a line\n"))

    @rule(end=endings, who=anyone)
    def save(self, end: str, who: int) -> None:
        if (owner := self._some_owner(who)) and owner.at:
            self._write(end, owner, partial(save_file, iteration=owner.at))

    @rule(end=endings, who=anyone)
    def succeed(self, end: str, who: int) -> None:
        if owner := self._some_owner(who):
            self._write(end, owner, attempts.succeed)

    @rule(end=endings, who=anyone, counted=st.booleans())
    def return_to_queue(self, end: str, who: int, counted: bool) -> None:
        if owner := self._some_owner(who):
            most = MOST if counted else None
            self._write(end, owner, partial(attempts.return_to_queue, message="the test says so", most=most))

    @rule(end=endings, who=anyone)
    def stop(self, end: str, who: int) -> None:
        if owner := self._some_owner(who):
            self._write(end, owner, attempts.stop)

    @rule(end=endings, who=anyone)
    def fail(self, end: str, who: int) -> None:
        if owner := self._some_owner(who):
            self._write(end, owner, partial(attempts.fail, reason="diverged", message="loss is nan"))

    # What the connection does.

    @rule(which=st.integers(0, HANDS - 1), end=endings)
    def let_go(self, which: int, end: str) -> None:
        if holding := [hand for hand in self._hands.all if hand.holds]:
            self._finish(holding[which % len(holding)], end)

    @rule()
    def back_off_passes(self) -> None:
        self._hands.eye.execute(
            "UPDATE runs SET not_before = NULL WHERE id IN"
            " (SELECT id FROM runs WHERE status = 'queued' AND not_before IS NOT NULL FOR UPDATE SKIP LOCKED)"
        )

    @invariant()
    def rules_hold(self) -> None:
        if not self._committed:
            return
        self._committed = False
        rows_now = self._snapshot()
        assert not check.at_any_time(rows_now, RIGHT)
        for run in rows_now.rows("runs"):
            self._computed_where_it_is_valid(rows_now, run)

    def teardown(self) -> None:
        """Ends all transactions, forgets all owners, and checks that every run can still be completed."""
        while holding := [hand for hand in self._hands.all if hand.holds]:
            self._finish(holding[0], "heard")
        self.rules_hold()
        self._lead_to_the_end()
        assert not check.in_the_end(self._snapshot(), RIGHT)

    def _lead_to_the_end(self) -> None:
        with self._database.transaction() as session:
            session.execute(
                update(Attempt)
                .where(Attempt.ended_at.is_(None))
                .values(lease_until=func.now() - text("interval '1 second'"))
            )
            attempts.reap(session, MOST)
            for run_id in session.scalars(select(Run.id).where(Run.status == Status.paused)):
                verbs.resume(session, run_id, "ann")
            session.execute(update(Run).where(Run.status.not_in(TERMINAL)).values(not_before=None))
        while True:
            with self._database.transaction() as session:
                claimed = attempts.claim(session, self._workers[0], 60)
            if claimed is None:
                return
            self._train(Owner(claimed.run.id, claimed.attempt, claimed.resumed_from))

    def _train(self, owner: Owner) -> None:
        with self._database.transaction() as session:
            events = owner.next_batch(ITERATIONS)
            attempts.append(session, owner.run_id, owner.attempt, 1, events)
            save_file(session, owner.run_id, owner.attempt, ITERATIONS)
            attempts.succeed(session, owner.run_id, owner.attempt)

    def _snapshot(self) -> Snapshot:
        return Snapshot(snapshot.tables(self._hands.eye), self._calls)

    def _computed_where_it_is_valid(self, rows_now: Snapshot, run: snapshot.Row) -> None:
        """Like the checker's rule of one line of attempts, but judged by the values, which tell their attempt."""
        starts = {row["number"]: row["resumed_from"] for row in rows_now.rows("attempts", run["id"])}
        for chunk in rows_now.rows("step_chunks", run["id"]):
            for iteration, by in enumerate(chunk["error"], start=chunk["first"]):
                assert starts[by] < iteration, f"attempt {by:.0f} wrote iteration {iteration} before it starts"
                after = [number for number, start in starts.items() if number > by and start < iteration]
                assert not after, f"iteration {iteration} of attempt {by:.0f} outlived attempts {after}"

    def _some_run(self, which: int) -> UUID | None:
        accepted = list(self._accepted.values())
        return accepted[which % len(accepted)] if accepted else None

    def _some_owner(self, who: int) -> Owner | None:
        """Returns an owner; 0 is the newest."""
        return self._owners[-1 - who % len(self._owners)] if self._owners else None

    def _write(
        self, end: str, owner: Owner, verb: Callable[..., Any], on_answer: Callable[[Any], None] = lambda _: None
    ) -> None:
        self._start(end, Act(lambda session: verb(session, owner.run_id, owner.attempt), on_answer, owner))

    def _start(self, end: str, act: Act) -> None:
        hand = self._free_hand()
        self._acts[hand] = act
        hand.start(act.verb)
        self._hands.settle()
        if hand.holds:  # otherwise it waits for another's lock
            self._finish(hand, end)

    def _free_hand(self) -> Hand:
        while not (free := [hand for hand in self._hands.all if hand.is_free]):
            self._finish(next(hand for hand in self._hands.all if hand.holds), "heard")
        return free[0]

    def _finish(self, hand: Hand, end: str) -> None:
        if end == "held":
            return
        commit = end != "undone"
        act = self._acts.pop(hand)
        before = self._ownership(act.owner)
        try:
            answer = hand.finish(commit=commit)
        except (LeaseLost, Conflict):
            return
        finally:
            self._hands.settle()
        self._committed |= commit
        if commit:
            # The row was locked from the verb to the commit, so no other attempt can have taken the run over.
            assert act.owner is None or before == (Status.running, act.owner.attempt)
            if end == "heard":
                act.on_answer(answer)

    def _ownership(self, owner: Owner | None) -> tuple[str, int] | None:
        """Returns the run's committed status and fence."""
        if owner is None:
            return None
        return self._hands.eye.execute("SELECT status, fence FROM runs WHERE id = %s", (owner.run_id,)).fetchone()


@pytest.fixture
def shared(database_url: str) -> Iterator[Hands]:
    opened = Hands(database_url, HANDS)
    yield opened
    opened.close()


@pytest.mark.timeout(120 + SEQUENCES * 6)
def test_no_interleaving_of_the_verbs_breaks_the_promise(
    shared: Hands, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "CELL", 4)  # so that twelve iterations fill and cut cells
    run_state_machine_as_test(
        cast("type[Machine]", partial(Machine, shared, database)),  # it is only called
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=30,
            deadline=None,
            phases=[Phase.generate],  # add Phase.shrink to understand a failure: it takes minutes
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
