"""The checker: what must hold of rows, objects and the client's history, whatever was killed meanwhile.

`at_any_time` holds at every instant, `in_the_end` once everything is healed and quiet.
`python -m tests.faults.check FILE` judges a saved history again (`Snapshot.write`).
"""

import hashlib
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from store.runs.states import FOLLOWS, TERMINAL, EventKind, Status
from tests.faults import chain_trainer, examined, snapshot
from tests.faults.examined import is_examination
from tests.faults.snapshot import Row, Snapshot


@dataclass(frozen=True)
class Right:
    """What a run must show, whoever trained it and how often it was resumed."""

    losses: Callable[[Row], Sequence[float]]  # at iterations 1 … N
    weights_sha256: Callable[[Row, int], str] | None = None  # at an iteration


# The status that an event tells of; other kinds change none.
_TELLS = {
    EventKind.created: Status.queued,
    EventKind.claimed: Status.running,
    EventKind.returned: Status.queued,
    EventKind.lease_expired: Status.queued,
    EventKind.paused: Status.paused,
    EventKind.resumed: Status.queued,
    **{EventKind(status): status for status in TERMINAL},
}


@dataclass(frozen=True)
class Violation:
    rule: str
    run_id: str | None
    message: str

    def __str__(self) -> str:
        return f"{self.rule}: run {self.run_id}: {self.message}" if self.run_id else f"{self.rule}: {self.message}"


RunRule = Callable[[Snapshot, Row], Iterator[str]]


CHAIN = Right(
    lambda run: [point.loss for point in chain_trainer.curve(run["spec"]["seed"], run["iterations"])],
    lambda run, iteration: hashlib.sha256(
        chain_trainer.weights(chain_trainer.state_at(run["spec"]["seed"], iteration))
    ).hexdigest(),
)


def at_any_time(taken: Snapshot, right: Right) -> list[Violation]:
    """What every commit must leave true."""
    found = list(_accepted_once(taken))
    of_rows = (_events_have_no_gap, _history_tells_the_status, _one_attempt_at_a_time, _one_line_of_attempts)
    for rule in (*of_rows, examined.asked_once):
        found += _of_every_run(taken, rule)
    return found + _of_every_run(taken, _curve_is_right(right))


def in_the_end(taken: Snapshot, right: Right) -> list[Violation]:
    """What must hold once all parts are back and nothing moves any more."""
    found = at_any_time(taken, right)
    weights_are_right = _weights_are_right(right)
    for rule in (
        _is_terminal,
        _succeeded_whole,
        weights_are_right,
        examined.reported,
        _cancel_was_kept,
        _objects_are_there,
    ):
        found += _of_every_run(taken, rule)
    return found + list(_workers_are_free(taken))


def _of_every_run(taken: Snapshot, rule: RunRule) -> list[Violation]:
    name = rule.__name__.strip("_").replace("_", " ")
    return [Violation(name, run["id"], message) for run in taken.rows("runs") for message in rule(taken, run)]


def _accepted_once(taken: Snapshot) -> Iterator[Violation]:
    """Every answered submission is one run, the same for the same key; and no run came from nowhere."""
    there = [run["id"] for run in taken.rows("runs") if not is_examination(run)]  # which is asked without a key
    made = {row["key"]: row["run_id"] for row in taken.rows("idempotency_keys")}
    for call in taken.calls:
        if call.verb == "submit" and call.settled and not call.confirmed:
            yield Violation("accepted once", None, f"the submission with key {call.key} was refused with {call.status}")
        if call.verb == "submit" and call.confirmed:
            if there.count(call.run_id) != 1:
                yield Violation(
                    "accepted once", call.run_id, f"it was accepted and is there {there.count(call.run_id)} times"
                )
            if made.get(call.key) != call.run_id:
                yield Violation("accepted once", call.run_id, f"its key {call.key} now names {made.get(call.key)}")
    for run_id in set(there) - set(made.values()):
        yield Violation("accepted once", run_id, "no key names it: it was submitted once and made twice")


def _events_have_no_gap(taken: Snapshot, run: Row) -> Iterator[str]:
    events = _events(taken, run)
    seqs = [event["seq"] for event in events]
    if seqs != list(range(1, run["last_seq"] + 1)):
        yield f"seq should be 1 … {run['last_seq']}, is {_short(seqs)}"
    attempts = [event["attempt"] or 0 for event in events]
    for before, after in pairwise(attempts):
        if after < before:
            yield f"attempt {before} wrote an event before attempt {after} did"


def _history_tells_the_status(taken: Snapshot, run: Row) -> Iterator[str]:
    told: list[Status] = []
    for event in _events(taken, run):
        if event["kind"] == "resumed" and told[-1:] != [Status.paused]:
            continue  # a request to pause was withdrawn in time
        if event["kind"] in _TELLS:
            told.append(_TELLS[event["kind"]])
    for before, after in pairwise(told):
        if after not in FOLLOWS[before]:
            yield f"it went from {before} to {after}"
    if not told or told[-1] != run["status"]:
        yield f"its events end with {told[-1] if told else 'nothing'}, its row says {run['status']}"


def _one_attempt_at_a_time(taken: Snapshot, run: Row) -> Iterator[str]:
    attempts = _attempts(taken, run)
    if sorted(attempts) != list(range(1, run["fence"] + 1)):
        yield f"its fence is {run['fence']}, its attempts are {sorted(attempts)}"
    running = {number for number, attempt in attempts.items() if attempt["ended_at"] is None}
    if running != ({run["fence"]} if run["status"] == Status.running else set()):
        yield f"it is {run['status']} at fence {run['fence']}, but attempts {sorted(running)} have not ended"


def _one_line_of_attempts(taken: Snapshot, run: Row) -> Iterator[str]:
    """Nothing that an attempt wrote lies outside its stretch: after its checkpoint, not after its successor's."""
    attempts = _attempts(taken, run)
    for what, at, number in _written(taken, run):
        if number not in attempts:
            yield f"{what} of iteration {at} is by attempt {number}, which is none of its own"
        elif at <= (start := attempts[number]["resumed_from"]):
            yield f"{what} of iteration {at} is by attempt {number}, which began after {start}"
        for later, attempt in attempts.items():
            if later > number and at > (start := attempt["resumed_from"]):
                yield f"{what} of iteration {at} by attempt {number} outlived attempt {later}, from {start}"


def _written(taken: Snapshot, run: Row) -> Iterator[tuple[str, int, int]]:
    # A full cell of the curve is one chunk, and then names the attempt of its last point only.
    for chunk in taken.rows("step_chunks", run["id"]):
        yield "the curve", chunk["first"] + (chunk["count"] - 1) * chunk["every"], chunk["attempt"]
    for row in taken.rows("evaluations", run["id"]):
        yield f"the {row['split']} evaluation", row["iteration"], row["attempt"]
    for row in taken.rows("artifacts", run["id"]):
        yield f"the {row['role']} file", row["iteration"], row["attempt"]


def _curve_is_right(right: Right) -> RunRule:
    def curve_is_right(taken: Snapshot, run: Row) -> Iterator[str]:
        chunks = sorted(taken.rows("step_chunks", run["id"]), key=lambda chunk: int(chunk["first"]))
        if is_examination(run):
            if chunks:
                yield "it is an examination, and has a curve"
            return
        at = [chunk["first"] + index * chunk["every"] for chunk in chunks for index in range(chunk["count"])]
        if at != list(range(1, len(at) + 1)):
            yield f"its curve should be iterations 1 … {len(at)}, is {_short(at)}"
            return
        if len(at) != run["iteration"]:
            yield f"its curve has {len(at)} iterations, its row says {run['iteration']}"
        losses = [loss for chunk in chunks for loss in chunk["loss"]]
        for iteration, (loss, wanted) in enumerate(zip(losses, right.losses(run), strict=False), start=1):
            if loss != _float32(wanted):
                yield f"its loss at iteration {iteration} is {loss}, should be {_float32(wanted)}: a wrong resume"
                return

    return curve_is_right


def _is_terminal(taken: Snapshot, run: Row) -> Iterator[str]:
    if run["status"] not in TERMINAL:
        yield f"it is still {run['status']} at iteration {run['iteration']} of {run['iterations']}"


def _succeeded_whole(taken: Snapshot, run: Row) -> Iterator[str]:
    if run["status"] != Status.succeeded or is_examination(run):
        return
    if run["iteration"] != run["iterations"]:
        yield f"it succeeded at iteration {run['iteration']} of {run['iterations']}"
    files = [(row["role"], row["iteration"]) for row in taken.rows("artifacts", run["id"])]
    if ("weights", run["iterations"]) not in files:
        yield "it succeeded without its last weights"


def _weights_are_right(right: Right) -> RunRule:
    def weights_are_right(taken: Snapshot, run: Row) -> Iterator[str]:
        for row in taken.rows("artifacts", run["id"]):
            if row["role"] == "weights" and right.weights_sha256:
                wanted = right.weights_sha256(run, row["iteration"])
                if row["sha256"] != wanted:
                    yield f"its weights of iteration {row['iteration']} have hash {row['sha256']}, should be {wanted}"

    return weights_are_right


def _cancel_was_kept(taken: Snapshot, run: Row) -> Iterator[str]:
    """Asked for and confirmed, or shown as cancelled: it never succeeds."""
    asked = any(call.verb == "cancel" and call.confirmed and call.run_id == run["id"] for call in taken.calls)
    if asked and run["status"] == Status.succeeded:
        yield "its cancel was confirmed, and it succeeded"


def _objects_are_there(taken: Snapshot, run: Row) -> Iterator[str]:
    if taken.objects is None:
        return
    for row in taken.rows("artifacts", run["id"]):
        found = taken.objects.get(row["key"])
        if found != row["sha256"]:
            yield f"the object {row['key']} has hash {found}, its row says {row['sha256']}"


def _workers_are_free(taken: Snapshot) -> Iterator[Violation]:
    for worker in taken.rows("workers"):
        if worker["run_id"] is not None:
            yield Violation("workers are free", worker["run_id"], f"worker {worker['name']} still holds it")


def _events(taken: Snapshot, run: Row) -> list[Row]:
    return sorted(taken.rows("events", run["id"]), key=lambda event: int(event["seq"]))


def _attempts(taken: Snapshot, run: Row) -> dict[int, Row]:
    return {attempt["number"]: attempt for attempt in taken.rows("attempts", run["id"])}


def _float32(value: float) -> float:
    (rounded,) = struct.unpack("<f", struct.pack("<f", value))
    return float(rounded)


def _short(numbers: list[int]) -> str:
    return str(numbers) if len(numbers) < 20 else f"{numbers[:10]} … {numbers[-10:]}"


def main() -> int:
    """Prints what a saved history violates. Returns the exit code."""
    file, *rest = sys.argv[1:] or [""]
    if rest or not Path(file).is_file():
        sys.exit("usage: python -m tests.faults.check FILE, where FILE was left by a failing chaos or fault run")
    taken = snapshot.read(Path(file))
    violations = in_the_end(taken, CHAIN)
    print(*violations, f"{file}: {len(taken.rows('runs'))} runs, {len(violations)} violations", sep="\n")
    return int(bool(violations))


if __name__ == "__main__":
    sys.exit(main())
